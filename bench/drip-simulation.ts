import { type AccountOutcome, judgeStandings } from '../src/decide/drip/drip.js';
import { addToRecord, type DripRecord, type Standing } from '../src/decide/drip/records.js';
import { gradedPValue } from '../src/decide/drip/statistics.js';
import { hypergeometricTail } from '../src/decide/significance/distributions.js';
import { seededRandom, standardNormal } from '../src/linear/index.js';
import type { LedgerAccount, LedgerBet } from '../src/schema/index.js';

/** A stream of batches, as far as a label detector sees it: it calls some sound rows wrong, and most poisoned ones. */
export interface World {
  readonly sources: number;
  /** Of each source in each batch. */
  readonly rows: number;
  /** Share of sound rows that look wrong. */
  readonly noise: number;
  readonly tolerance: number;
  readonly level: number;
  readonly batches: number;
  /** What a source differs by in every batch, as a share of its rows. */
  readonly offset?: (source: number, random: () => number) => number;
  /** What all sources differ by in one batch. */
  readonly drift?: (batch: number) => number;
  /** Share of its rows that a source poisons in a batch. */
  readonly poison?: (source: number, batch: number) => number;
  /** Sources from this one on have another name in every batch. */
  readonly freshFrom?: number;
}

export interface Story {
  /** Batch, from 1, in which a source that poisons (or the pool that it is in) was condemned; undefined for never. */
  readonly caught: number | undefined;
  /** True when any other account was condemned before. */
  readonly falseAlarm: boolean;
}

/** Share of poisoned rows that look wrong. */
const SEEN = 0.8;

/** Lets batch after batch arrive until a poisoner is condemned or none are left. */
export function tellStory(world: World, seed: string): Story {
  const random = seededRandom(seed);
  const names = Array.from({ length: world.sources }, (_, source) => source);
  const offsets = names.map((source) => world.offset?.(source, random) ?? 0);
  const known = names.filter((source) => source < (world.freshFrom ?? world.sources));
  const pooled = names.filter((source) => source >= (world.freshFrom ?? world.sources));
  const groups = [...known.map((source) => [source]), ...(pooled.length > 0 ? [pooled] : [])];
  const records = groups.map((): DripRecord[] => []);
  let falseAlarm = false;
  for (let batch = 1; batch <= world.batches; batch++) {
    const poison = names.map((source) => world.poison?.(source, batch) ?? 0);
    const marks = names.map((source) => {
      const wrong = world.noise + (offsets[source] as number) + (world.drift?.(batch) ?? 0);
      return countMarks(world.rows, wrong + (poison[source] as number) * (SEEN - wrong), random);
    });
    const odd = names.map(() => countMarks(world.rows, 0.02, random));
    const standings = groups.map((group, at): Standing => {
      const account = accountOf(group, world, pooled);
      const bets = [bet('label-flip', marks, group, world, SEEN - world.noise), bet('outlier', odd, group, world, 1)];
      records[at] = bets.map((one, kind) => addToRecord(records[at]?.[kind], one, account.rows));
      return { account: { ...account, bets }, records: records[at] };
    });
    const outcomes = judgeStandings(standings, world.rows * world.sources * batch, world.level);
    const isGuilty = (at: number) => groups[at]?.some((source) => world.poison?.(source, world.batches)) ?? false;
    const condemned = [...outcomes.keys()].filter((at) => (outcomes[at] as AccountOutcome).rejected);
    if (condemned.some((at) => !isGuilty(at))) falseAlarm = true;
    if (condemned.some(isGuilty)) return { caught: batch, falseAlarm };
    if (falseAlarm && world.poison === undefined) break;
  }
  return { caught: undefined, falseAlarm };
}

function accountOf(group: readonly number[], { rows }: World, pooled: readonly number[]): LedgerAccount {
  const isPool = group === pooled;
  const name = isPool ? null : `source-${group[0]}`;
  return { scope: isPool ? 'first-seen' : 'source', signer: '', source: name, rows: rows * group.length, bets: [] };
}

/** As a likelihood ratio with two weights has it: the rows that look wrong, in a group and in all others. */
function bet(
  kind: LedgerBet['kind'],
  marks: readonly number[],
  group: readonly number[],
  { rows, sources, tolerance }: World,
  effect: number,
): LedgerBet {
  const drawn = rows * group.length;
  const total = rows * sources;
  const own = group.reduce((sum, source) => sum + (marks[source] as number), 0);
  const all = marks.reduce((sum, one) => sum + one, 0);
  const rest = total - drawn;
  const variance = (drawn * (all / total) * (1 - all / total) * total) / rest;
  const excess = { value: own - (drawn * (all - own)) / rest, variance, rows: drawn, rowsPerUnit: 1 / effect };
  const measured = {
    excess,
    pValueBeyond: (tolerated: number) => hypergeometricTail(own - Math.floor(tolerated * effect), drawn, all, total),
  };
  const pValue =
    kind === 'label-flip' ? gradedPValue(measured, tolerance * drawn) : measured.pValueBeyond(tolerance * drawn);
  return { kind, pValue, excessRows: excess.value / effect, variance: variance / effect ** 2 };
}

/** A binomial count: exact where few are expected, normal where many are. */
function countMarks(rows: number, chance: number, random: () => number): number {
  const share = Math.min(1, Math.max(0, chance));
  if (rows * share > 100) {
    const count = rows * share + Math.sqrt(rows * share * (1 - share)) * standardNormal(random);
    return Math.min(rows, Math.max(0, Math.round(count)));
  }
  // Waiting times between successes.
  let count = 0;
  if (share === 0) return 0;
  for (let at = Math.floor(Math.log(random()) / Math.log1p(-share)); at < rows; count++)
    at += 1 + Math.floor(Math.log(random()) / Math.log1p(-share));
  return count;
}
