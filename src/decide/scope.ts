import { type Baseline, type FittedDetector, MIN_BLOCKS } from '../baseline/index.js';
import { TAIL_SHARES, type Tally } from '../detect/index.js';
import { sumOf } from '../linear/index.js';
import { pairStatistic } from './significance/class-pair.js';
import { ratioStatistic } from './significance/likelihood-ratio.js';
import { benjaminiHochberg, bonferroni, simes } from './significance/multiplicity.js';
import { type Excess, type Tested, testStatistic } from './significance/statistic.js';
import { shiftedTailStatistic, tailStatistic } from './significance/tail-count.js';

/** How scopes are tested. */
export interface TestSettings {
  readonly tolerance: number;
  /** Makes sampled p-values repeatable; the scope's name is added. */
  readonly seed: string;
}

/** One test of a scope. */
export interface Trial {
  readonly kind: FittedDetector['kind'];
  readonly test: 'tail-count' | 'likelihood-ratio' | 'class-cells';
  readonly pValue: number;
  readonly excess: Excess;
  /** What is allowed for, in rows. */
  readonly tolerated: number;
  /** Of class-cells: each stratum's own p-value and excess. */
  readonly cells: readonly Cell[];
}

export interface Cell extends Tested {
  readonly stratum: number;
  /** Adjusted within the scope (Benjamini–Hochberg). */
  readonly qValue: number;
}

/** The batch that a scope is a part of, and how it was tested. */
export interface Whole {
  readonly tallies: readonly Tally[];
  readonly trials: readonly Trial[];
}

/**
 * All tests of a scope; `withCells` adds, for detectors by class, one that looks into each given class alone. `whole` is
 * given for parts that rows may have been sorted into.
 */
export function testScope(
  baseline: Baseline,
  tallies: readonly Tally[],
  { tolerance, seed }: TestSettings,
  withCells: boolean,
  whole?: Whole,
): Trial[] {
  const classRows = classRowsIn(baseline, tallies);
  return baseline.detectors.flatMap((detector, index) => {
    const tally = tallies[index] as Tally;
    if (!isComparable(tally, detector)) return [];
    const { kind, effect } = detector;
    const alone = testTail(tally, detector, tolerance, { classRows });
    const tail = whole === undefined ? alone : besideWhole(alone, baseline, index, { tally, whole, tolerance });
    const trials: Trial[] = [{ kind, test: 'tail-count', ...tail, cells: [] }];
    if (effect !== null) {
      const ratio = testStatistic(ratioStatistic(effect.overall, seed), tally, detector, tolerance);
      trials.push({ kind, test: 'likelihood-ratio', ...ratio, cells: [] });
      if (withCells) trials.push(testCells(baseline, detector, tally, { tolerance, seed }));
    }
    return trials;
  });
}

/**
 * A sorted batch brings what is odd by nature in one shard. A tail of a shard counts where the batch as a whole has too
 * much of it, or where the shard alone has more than the whole batch is allowed. Blocks of trusted rows show by
 * themselves how much parts differ.
 */
function besideWhole(
  alone: Tested,
  baseline: Baseline,
  index: number,
  { tally, whole, tolerance }: { readonly tally: Tally; readonly whole: Whole; readonly tolerance: number },
): Tested {
  const detector = baseline.detectors[index] as FittedDetector;
  const all = whole.tallies[index];
  if (detector.blocks.length >= MIN_BLOCKS || all === undefined || alone.pValue > NO_REJECTION) return alone;
  const ofWhole = whole.trials.find(({ kind, test }) => kind === detector.kind && test === 'tail-count');
  const share = sumOf(tally.rows) / sumOf(all.rows);
  const gathered = testTail({ ...all, above: tally.above }, detector, tolerance * share, {
    classRows: classRowsIn(baseline, whole.tallies),
  });
  return { ...alone, pValue: Math.max(alone.pValue, Math.min(ofWhole?.pValue ?? 1, gathered.pValue)) };
}

/** Rows by stratum of classes, as detectors by class count them; undefined without one. */
function classRowsIn(baseline: Baseline, tallies: readonly Tally[]): Float64Array | undefined {
  return tallies[detectorByClass(baseline)]?.rows;
}

/** The place of the first detector that counts rows by class; −1 without one. */
export function detectorByClass({ detectors }: Baseline): number {
  return detectors.findIndex(({ strata }) => strata.ofClass.length > 0);
}

/** Are there rows to compare in any stratum? */
function isComparable(tally: Tally, { calibrations: [calibration] }: FittedDetector): boolean {
  return tally.rows.some((rows, stratum) => rows > 0 && (calibration?.rows[stratum] ?? 0) > 0);
}

/** The scope's p-value over all its tests. */
export function scopePValue(trials: readonly Trial[]): number {
  return bonferroni(trials.map(({ pValue }) => pValue));
}

/** No test rejects at so high a level: what could only raise it need not be known. */
const NO_REJECTION = 0.1;

/**
 * The tail count at its best share, paid for by the number of shares. A batch may well have more of a class that is odd
 * by nature: with its rows by class known, the worse of two p-values counts, of trusted rows as they are and as they
 * would be with its classes.
 */
function testTail(
  tally: Tally,
  detector: FittedDetector,
  tolerance: number,
  { stratum, classRows }: { readonly stratum?: number; readonly classRows?: Float64Array | undefined },
): Tested {
  const tested = [...TAIL_SHARES.keys()]
    .map((share) => {
      const plain = testStatistic(tailStatistic(share, stratum), tally, detector, tolerance);
      const isByClass = detector.strata.ofClass.length > 0;
      if (classRows === undefined || isByClass || plain.pValue > NO_REJECTION) return plain;
      const shifted = testStatistic(shiftedTailStatistic(share, classRows), tally, detector, tolerance);
      return { ...plain, pValue: Math.max(plain.pValue, shifted.pValue) };
    })
    .filter(({ excess }) => excess.rows > 0);
  const best = leastP(tested);
  return best === undefined ? NOTHING : { ...best, pValue: Math.min(1, best.pValue * tested.length) };
}

const NOTHING: Tested = { pValue: 1, excess: { value: 0, variance: 0, rows: 0, rowsPerUnit: 1 }, tolerated: 0 };

function leastP<T extends Tested>(tested: readonly T[]): T | undefined {
  return tested.reduce<T | undefined>(
    (best, next) => (best === undefined || next.pValue < best.pValue ? next : best),
    undefined,
  );
}

/** Targeted flips hide in a pooled shard: each given class by itself, joined by Simes. */
function testCells(baseline: Baseline, detector: FittedDetector, tally: Tally, settings: TestSettings): Trial {
  const strata = [...tally.rows.keys()].filter((stratum) => (tally.rows[stratum] as number) > 0);
  const tested = strata.map((stratum) => ({ stratum, ...testCell(baseline, detector, tally, stratum, settings) }));
  const pValues = tested.map(({ pValue }) => pValue);
  const qValues = benjaminiHochberg(pValues);
  const cells = tested.map((cell, index) => ({ ...cell, qValue: qValues[index] as number }));
  const best = leastP(cells) ?? NOTHING;
  return {
    kind: detector.kind,
    test: 'class-cells',
    pValue: simes(pValues),
    excess: best.excess,
    tolerated: best.tolerated,
    cells,
  };
}

function testCell(
  { classes }: Baseline,
  detector: FittedDetector,
  tally: Tally,
  stratum: number,
  { tolerance, seed }: TestSettings,
): Tested {
  const effect = cellEffect(detector, stratum);
  const pairs = classesOf(detector, stratum).flatMap((given) =>
    [...classes.keys()]
      .filter((called) => called !== given && (tally.calls.get(given * classes.length + called) ?? 0) > 0)
      .map((called) => testStatistic(pairStatistic(given, called, classes.length), tally, detector, tolerance)),
  );
  const worstPair = leastP(pairs);
  const pairCount = classesOf(detector, stratum).length * (classes.length - 1);
  const tested: Tested[] = [testTail(tally, detector, tolerance, { stratum })];
  if (effect > 0)
    tested.push(testStatistic(ratioStatistic(effect, `${seed}/${stratum}`, stratum), tally, detector, tolerance));
  if (worstPair !== undefined) tested.push({ ...worstPair, pValue: Math.min(1, worstPair.pValue * pairCount) });
  const best = leastP(tested) ?? NOTHING;
  return { ...best, pValue: Math.min(1, 3 * best.pValue) };
}

/** Classes of a stratum. */
export function classesOf({ strata }: FittedDetector, stratum: number): number[] {
  return [...strata.ofClass.keys()].filter((index) => strata.ofClass[index] === stratum);
}

function cellEffect(detector: FittedDetector, stratum: number): number {
  const own = classesOf(detector, stratum);
  return own.reduce((sum, index) => sum + (detector.effect?.byClass[index] ?? 0), 0) / Math.max(1, own.length);
}

/** One ordered pair of classes, tested over a whole batch or in one shard. */
export interface PairTest extends Tested {
  readonly kind: FittedDetector['kind'];
  readonly given: number;
  readonly called: number;
}

/** Every ordered pair of judged classes that occurs; the others would have p-value 1. */
export function testPairs(
  { classes }: Baseline,
  detector: FittedDetector,
  tally: Tally,
  tolerance: number,
): PairTest[] {
  return [...tally.calls.keys()]
    .sort((a, b) => a - b)
    .map((pair) => ({ given: Math.floor(pair / classes.length), called: pair % classes.length }))
    .filter(({ given, called }) => given !== called)
    .map((pair) => ({
      ...pair,
      kind: detector.kind,
      ...testStatistic(pairStatistic(pair.given, pair.called, classes.length), tally, detector, tolerance),
    }));
}
