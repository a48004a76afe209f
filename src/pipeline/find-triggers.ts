import type { Baseline } from '../baseline/index.js';
import { type FoundTriggers, fewestCarriers, type TriggerCandidate, testTriggers } from '../decide/index.js';
import {
  blindModelOf,
  type Carriers,
  collectCarriers,
  columnShifts,
  countBatch,
  countOriginals,
  groupItems,
  type Judgement,
  judgeItem,
  type LookedAtRows,
  lookAtRows,
  looseAt,
  nameTrigger,
  poisonedRows,
  type Shift,
  type Trigger,
  type TrustedItems,
  tellTrigger,
} from '../detect/index.js';
import { type AssessedBatch, allRowsOf, itemsIn, rowsIn } from './assessed-batch.js';
import { fetchPlaced } from './fetch-placed.js';
import { tellSuspects } from './find-suspected.js';
import { mayContradict, searchAmong } from './search-among.js';

interface CountedBatch extends FoundTriggers {
  /** Columns in which the batch as a whole lies elsewhere than the trusted rows. */
  readonly shifts: readonly Shift[];
}

/** Most carriers of a trigger are no copies of one another, or it is a flood. */
const ORIGINALS = 0.5;

/** With fewer trusted rows for the rows of a batch, what these say of one another is asked as well. */
const BATCH_ROWS_PER_TRUSTED = 2;

/** Triggers: items that all rows are counted for, told from topics by rows that carry them, or by what rows say of one another. */
export async function findTriggers(batch: AssessedBatch, level: number): Promise<CountedBatch> {
  const { items: trusted, suspects, classes } = batch.job.baseline;
  const { redact } = batch;
  if (suspects !== undefined) {
    const told = await tellSuspects(allRowsOf(batch), suspects, classes, { level, redact });
    return { level, triggers: told.filter(({ carriers }) => isOriginal(carriers)), fewestRows: null, shifts: [] };
  }
  const model = blindModelOf(batch.job.baseline);
  if (trusted === null || model === undefined) return { level, triggers: [], fewestRows: null, shifts: [] };
  const isThin = rowsIn(batch) > BATCH_ROWS_PER_TRUSTED * trusted.rows && mayContradict(trusted.space);
  if (!isThin) return { level, ...(await findCounted(batch, { trusted, model }, level)) };
  const { triggers, ...rest } = await findCounted(batch, { trusted, model }, level / SEARCHES);
  const suspected = await searchAmong(batch, trusted, level / SEARCHES);
  const others = suspected.filter((one) => isOriginal(one.carriers) && !triggers.some((known) => isSame(one, known)));
  const paid = [...triggers, ...others].map((one) => ({ ...one, pValue: Math.min(1, SEARCHES * one.pValue) }));
  return { level, triggers: paid.sort((a, b) => a.pValue - b.pValue), ...rest };
}

/** Counting and contradictions share the level. */
const SEARCHES = 2;
/** Of its rows, that another trigger has too. */
const SAME_PART = 0.5;

/** Do rows that one trigger was put into carry the other as well? */
function isSame({ poisoned }: Trigger, { carriers }: Trigger): boolean {
  const known = new Map<string, Set<number>>();
  for (const ofLabel of carriers.rows.values()) {
    for (const [path, rows] of ofLabel) known.set(path, new Set([...(known.get(path) ?? []), ...rows]));
  }
  const own = [...poisoned].flatMap(([path, rows]) => rows.map((row) => known.get(path)?.has(row) === true));
  return own.filter(Boolean).length >= SAME_PART * own.length;
}

/** Items that more rows of the batch carry than trusted rows allow for. */
async function findCounted(
  batch: AssessedBatch,
  { trusted, model }: { readonly trusted: TrustedItems; readonly model: Parameters<typeof lookAtRows>[0]['model'] },
  level: number,
): Promise<Omit<CountedBatch, 'level'>> {
  const { baseline } = batch.job;
  const { source, visitAll } = itemsIn(batch, trusted);
  const counted = await countBatch(source, trusted, level);
  const shifts = columnShifts(trusted.space, trusted.cells, counted.cells);
  const fewestRows = fewestCarriers(counted, trusted, rowsIn(batch), level);
  const candidates = testTriggers(counted, level);
  if (candidates.length === 0) return { triggers: [], fewestRows, shifts };
  const wanted = candidates.map(({ item }) => item);
  const found = await collectCarriers(visitAll, trusted.space, wanted, baseline.classes.length);
  const { carriers, shared } = found;
  const others = [...found.others].sort(([a], [b]) => a - b).flatMap(([, rows]) => rows);
  const groups = groupItems(
    carriers.map(({ count }) => count),
    shared,
  )
    .filter(({ leader }) => isOriginal(carriers[leader] as Carriers))
    .map(({ leader, members }) => {
      const tried = [...new Set([leader, purestOf(members, carriers)])];
      return { leader, members, tried: tried.filter((index) => isOriginal(carriers[index] as Carriers)) };
    });
  const samples = groups.flatMap(({ tried }) => tried.flatMap((index) => carriers[index]?.sample ?? []));
  const fetched = await fetchPlaced([...samples, ...others], batch);
  const looked = lookAtRows({ trusted, model, ...fetched, others: fetched.placesOf(others) });
  const triggers = groups.flatMap(({ leader, members, tried }) => {
    const items = members.map((member) => wanted[member] as number);
    for (const index of tried) {
      const [own, candidate] = [carriers[index] as Carriers, candidates[index] as TriggerCandidate];
      const one = { ...candidate, members: items, carriers: own, looked: fetched.placesOf(own.sample) };
      const judgement = judgeItem(looked, one);
      // That labels chose it is no proof of its own: only that they contradict all else is.
      const isProof = index === leader || judgement?.proof === 'contradiction';
      if (judgement === null || !isProof) continue;
      // A patch at any place is seen in other squares as well, by what is beside it.
      const isLoose = looseAt(trusted.space, -1 - one.item) !== undefined;
      const kin = isLoose ? members.filter((at) => candidates[at]?.trustedRows === 0) : [];
      const all = [...new Set([index, ...kin])].map((at) => carriers[at] as Carriers);
      return [tell(looked, { ...one, all }, judgement, baseline, batch.redact)];
    }
    return [];
  });
  return { triggers, fewestRows, shifts };
}

/** Of items that mostly the same rows carry, the one whose carriers are most of one class: others have rows by nature as well. */
function purestOf(members: readonly number[], carriers: readonly Carriers[]): number {
  const purity = members.map((index) => {
    const { labels, count } = carriers[index] as Carriers;
    return Math.max(0, ...labels.values()) / count;
  });
  return members[purity.indexOf(Math.max(...purity))] as number;
}

function isOriginal({ sample, count }: Carriers): boolean {
  return countOriginals(sample) >= ORIGINALS * Math.min(count, 200);
}

function tell(
  looked: LookedAtRows,
  one: Parameters<typeof judgeItem>[1] & TriggerCandidate & { readonly all: readonly Carriers[] },
  judgement: Judgement,
  { classes }: Baseline,
  redact: boolean,
): Trigger {
  const { carriers, pValue, trustedRows } = one;
  const subject = redact ? `item ${one.item}` : nameTrigger(looked, one.item, one.looked, judgement.parts);
  const among = { carriers: trustedRows, rows: looked.trusted.rows };
  const summary = tellTrigger(subject, carriers, judgement, among, classes);
  return {
    subject,
    summary,
    pValue,
    carriers,
    poisoned: poisonedRows(one.all, judgement),
    trustedRows,
    contradicted: judgement.contradiction.contradicted,
  };
}
