import type { Baseline, FittedDetector } from '../baseline/index.js';
import { TAIL_SHARES, type Tally } from '../detect/index.js';
import { type Beside, besideOf, besideWhole, NO_REJECTION, type Whole } from './beside-whole.js';
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
    const part: Part = {
      baseline,
      detector,
      tally,
      settings: { tolerance, seed },
      beside: besideOf(detector, index, whole),
    };
    const trials: Trial[] = [{ kind, test: 'tail-count', ...testTailOf(part, { classRows }), cells: [] }];
    if (effect !== null) {
      trials.push({ kind, test: 'likelihood-ratio', ...testRatioOf(part, effect.overall, seed), cells: [] });
      if (withCells) trials.push(testCells(part));
    }
    return trials;
  });
}

/** What one detector says of a scope. */
interface Part {
  readonly baseline: Baseline;
  readonly detector: FittedDetector;
  readonly tally: Tally;
  readonly settings: TestSettings;
  /** Left undefined where the scope stands for itself. */
  readonly beside: Beside | undefined;
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

function testTailOf(
  { baseline, detector, tally, settings: { tolerance }, beside }: Part,
  tail: { readonly stratum?: number; readonly classRows?: Float64Array | undefined },
): Tested {
  const alone = testTail(tally, detector, tolerance, tail);
  return besideWhole(alone, { tally, tolerance, beside, name: 'tail', stratum: tail.stratum }, (some, allowed) => {
    const classRows = tail.classRows && beside && classRowsIn(baseline, beside.whole.tallies);
    return testTail(some, detector, allowed, { ...tail, classRows });
  });
}

/** The likelihood ratio over all strata or one; a poisoned row raises it by `effect` nats. */
function testRatioOf(
  { detector, tally, settings: { tolerance }, beside }: Part,
  effect: number,
  seed: string,
  stratum?: number,
): Tested {
  const statistic = ratioStatistic(effect, seed, stratum);
  const alone = testStatistic(statistic, tally, detector, tolerance);
  return besideWhole(alone, { tally, tolerance, beside, name: 'ratio', stratum }, (some, allowed) =>
    testStatistic(statistic, some, detector, allowed),
  );
}

const NOTHING: Tested = { pValue: 1, excess: { value: 0, variance: 0, rows: 0, rowsPerUnit: 1 }, tolerated: 0 };

function leastP<T extends Tested>(tested: readonly T[]): T | undefined {
  return tested.reduce<T | undefined>(
    (best, next) => (best === undefined || next.pValue < best.pValue ? next : best),
    undefined,
  );
}

/** Targeted flips hide in a pooled shard: each given class by itself, joined by Simes. */
function testCells(part: Part): Trial {
  const { detector, tally } = part;
  const strata = [...tally.rows.keys()].filter((stratum) => (tally.rows[stratum] as number) > 0);
  const tested = strata.map((stratum) => ({ stratum, ...testCell(part, stratum) }));
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

function testCell(part: Part, stratum: number): Tested {
  const effect = cellEffect(part.detector, stratum);
  const tested: Tested[] = [testTailOf(part, { stratum })];
  if (effect > 0) tested.push(testRatioOf(part, effect, `${part.settings.seed}/${stratum}`, stratum));
  const worstPair = testWorstPair(part, stratum);
  if (worstPair !== undefined) tested.push(worstPair);
  const best = leastP(tested) ?? NOTHING;
  return { ...best, pValue: Math.min(1, 3 * best.pValue) };
}

function testWorstPair(
  { baseline: { classes }, detector, tally, settings: { tolerance }, beside }: Part,
  stratum: number,
): Tested | undefined {
  const own = classesOf(detector, stratum);
  const pairs = own.flatMap((given) =>
    [...classes.keys()]
      .filter((called) => called !== given && (tally.calls.get(given * classes.length + called) ?? 0) > 0)
      .map((called) => {
        const statistic = pairStatistic(given, called, classes.length);
        const alone = testStatistic(statistic, tally, detector, tolerance);
        const name = `pair/${given}/${called}`;
        return besideWhole(alone, { tally, tolerance, beside, name, stratum }, (some, allowed) =>
          testStatistic(statistic, some, detector, allowed),
        );
      }),
  );
  const worst = leastP(pairs);
  return worst && { ...worst, pValue: Math.min(1, worst.pValue * own.length * (classes.length - 1)) };
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
