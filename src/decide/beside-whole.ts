import { type FittedDetector, MIN_BLOCKS } from '../baseline/index.js';
import type { Histogram, Tally } from '../detect/index.js';
import { sumOf } from '../linear/index.js';
import type { Tested } from './significance/statistic.js';

/** The batch that shards are parts of. */
export class Whole {
  readonly tallies: readonly Tally[];
  /** False where models call the rows of all shards alike: then none has rows of a kind of its own. */
  readonly isSorted: boolean;
  readonly #known = new Map<string, number>();

  constructor(tallies: readonly Tally[], isSorted: boolean) {
    this.tallies = tallies;
    this.isSorted = isSorted;
  }

  /** Of one test of the whole, which many shards ask for. */
  pValueOf(name: string, test: () => Tested): number {
    const pValue = this.#known.get(name) ?? test().pValue;
    this.#known.set(name, pValue);
    return pValue;
  }
}

/** What one detector says of the batch. */
export interface Beside {
  readonly kind: FittedDetector['kind'];
  readonly whole: Whole;
  readonly tally: Tally;
  readonly classes: number;
}

/** No test rejects at so high a level: what could only raise it need not be known. */
export const NO_REJECTION = 0.1;

/**
 * Undefined where a part stands for itself. Blocks of trusted rows show by themselves how much parts differ. Labels are
 * wrong as often in each of parts that are otherwise alike; odd rows may come together without being called otherwise.
 */
export function besideOf(detector: FittedDetector, index: number, whole: Whole | undefined): Beside | undefined {
  const { kind, blocks, effect } = detector;
  const tally = whole?.tallies[index];
  if (whole === undefined || tally === undefined || blocks.length >= MIN_BLOCKS) return undefined;
  if (effect !== null && !whole.isSorted) return undefined;
  return { kind, whole, tally, classes: effect?.byClass.length ?? 0 };
}

/** One test of a part of a batch. */
interface OfPart {
  readonly tally: Tally;
  readonly tolerance: number;
  readonly beside: Beside | undefined;
  /** Of the test among those of the detector. */
  readonly name: string;
  /** Left undefined where it is over all of them. */
  readonly stratum?: number | undefined;
}

/**
 * A sorted batch brings what is odd by nature, and the rows whose labels models seldom see through, in one shard. A part
 * counts where the whole batch has too much of it, or where the part alone has more than the whole batch is allowed.
 */
export function besideWhole(
  alone: Tested,
  { tally, tolerance, beside, name, stratum }: OfPart,
  test: (tally: Tally, tolerance: number) => Tested,
): Tested {
  if (beside === undefined || alone.pValue > NO_REJECTION) return alone;
  const { kind, whole, tally: all, classes } = beside;
  const rowsOf = ({ rows }: Tally) => (stratum === undefined ? sumOf(rows) : (rows[stratum] as number));
  const allowed = tolerance * (rowsOf(tally) / rowsOf(all));
  const gathered = test(gatherIn(all, tally, classes), allowed).pValue;
  if (gathered <= alone.pValue) return alone;
  const ofWhole = whole.pValueOf(`${kind}/${name}/${stratum ?? 'all'}`, () => test(all, tolerance));
  return { ...alone, pValue: Math.max(alone.pValue, Math.min(ofWhole, gathered)) };
}

/** The batch as if its other rows were the soundest there can be. */
function gatherIn(all: Tally, part: Tally, classes: number): Tally {
  return {
    rows: all.rows,
    above: part.above,
    logRatios: all.logRatios.map((ratios, stratum) => {
      const others = (all.rows[stratum] as number) - (part.rows[stratum] as number);
      return withOthers(part.logRatios[stratum], Math.min(...ratios.keys()), others);
    }),
    calls: callsAsGiven(all.calls, part.calls, classes),
  };
}

function withOthers(own: Histogram | undefined, level: number, others: number): Histogram {
  const ratios: Histogram = new Map(own);
  if (others > 0) ratios.set(level, (ratios.get(level) ?? 0) + others);
  return ratios;
}

/** Other rows are called what they are given as. */
function callsAsGiven(all: Histogram, part: Histogram, classes: number): Histogram {
  const calls: Histogram = new Map(part);
  for (const [pair, count] of all) {
    const given = Math.floor(pair / classes);
    const others = count - (part.get(pair) ?? 0);
    const same = given * classes + given;
    if (others > 0) calls.set(same, (calls.get(same) ?? 0) + others);
  }
  return calls;
}
