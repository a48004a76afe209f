import { lowerBound } from '../linear/index.js';
import type { RowEvidence } from './contract.js';
import { addToHistogram, type Histogram, levelOf } from './histogram.js';

/** Shares of trusted rows beyond which the tail test counts. */
export const TAIL_SHARES = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1] as const;
/** Classes with fewer trusted rows are pooled with one another; fewer even so are not judged. */
const MIN_CLASS_ROWS = 30;

/** What trusted rows look like to a detector: everything that the tests compare with. Plain data. */
export interface Calibration {
  /** Judged trusted rows per stratum. */
  readonly rows: Float64Array;
  /** Scores per stratum, ascending. */
  readonly scores: readonly Float64Array[];
  /** ⌊share × rows⌋, or how many rows are above a threshold that comes from elsewhere; strata × shares. */
  readonly tailCounts: Float64Array;
  /** The tailCounts-th largest score, strata × shares; Infinity where the count is 0. Empty where it comes from elsewhere. */
  readonly tailThresholds: Float64Array;
  /** Log ratios per stratum; empty for detectors without them. */
  readonly logRatios: readonly Histogram[];
  /** Trusted rows by given and called class, given × classes + called; empty for detectors that do not classify. */
  readonly calls: Histogram;
  /** Where classes share one stratum: how its rows and its tails lie among them. Null for others. */
  readonly classTails: ClassTails | null;
  /** The rows themselves, for weighing them; null where blocks tell how much batches differ. */
  readonly judged: JudgedRows | null;
  /** The same of rows that are weighted to lie as those of a batch do; while it is decided on. */
  readonly tilted?: Calibration;
}

/** What is counted of each judged trusted row. */
export interface JudgedRows {
  /** Which of the trusted rows each is. */
  readonly rows: Int32Array;
  readonly strata: Int32Array;
  /** How many of the thresholds of its stratum, from the least on, its score is at or above. */
  readonly reached: Uint8Array;
  /** Of log ratios; empty for detectors without them. */
  readonly levels: Int8Array;
  /** By given and called class, as in calls; empty for detectors that do not classify. */
  readonly pairs: Int32Array;
}

/** By stratum of classes that are judged by class. */
export interface ClassTails {
  readonly rows: Float64Array;
  /** Strata × shares. */
  readonly tailCounts: Float64Array;
}

/** Strata: rows of a stratum are compared with trusted rows of the same one. */
export interface Strata {
  readonly count: number;
  /** Class → stratum, −1 for classes that are not judged; empty when there is one stratum for all rows. */
  readonly ofClass: Int32Array;
}

export const ONE_STRATUM: Strata = { count: 1, ofClass: new Int32Array(0) };

/** Distinct rows of each class. */
export function classRows(labels: Int32Array, classes: number, distinct: Int32Array): Int32Array {
  const rows = new Int32Array(classes);
  for (const row of distinct) {
    const label = labels[row] as number;
    if (label >= 0) rows[label] = (rows[label] as number) + 1;
  }
  return rows;
}

/** One stratum per class of 30 distinct rows or more, one for the smaller ones together. */
export function classStrata(labels: Int32Array, classes: number, distinct: Int32Array): Strata {
  return strataOf(classRows(labels, classes, distinct));
}

/** The same from the number of rows of each class. */
export function strataOf(rows: Int32Array): Strata {
  let count = 0;
  let pooledRows = 0;
  const ofClass = Int32Array.from(rows, (size) => {
    if (size >= MIN_CLASS_ROWS) return count++;
    pooledRows += size;
    return -1;
  });
  if (pooledRows < MIN_CLASS_ROWS) return { count, ofClass };
  return { count: count + 1, ofClass: ofClass.map((stratum) => (stratum === -1 ? count : stratum)) };
}

/** The stratum of row `row`, −1 when it is not judged. */
export function stratumOf(strata: Strata, labels: Int32Array, row: number): number {
  if (strata.ofClass.length === 0) return 0;
  const label = labels[row] as number;
  return label < 0 ? -1 : (strata.ofClass[label] as number);
}

/** Calibrates on the trusted rows at `chosen`; `byClass`: strata of classes, for rows that share one. */
export function calibrate(
  evidence: RowEvidence,
  labels: Int32Array,
  classes: number,
  strata: Strata,
  chosen: Int32Array,
  byClass: Strata | null = null,
): Calibration {
  const scores: number[][] = Array.from({ length: strata.count }, () => []);
  const logRatios = evidence.logRatio === undefined ? [] : scores.map((): Histogram => new Map());
  const calls: Histogram = new Map();
  for (const row of chosen) {
    const stratum = stratumOf(strata, labels, row);
    const score = evidence.anomalyScore[row] as number;
    if (stratum < 0 || Number.isNaN(score)) continue;
    scores[stratum]?.push(score);
    const histogram = logRatios[stratum];
    if (histogram !== undefined && evidence.logRatio !== undefined)
      addToHistogram(histogram, levelOf(evidence.logRatio[row] as number));
    if (evidence.calledClass !== undefined) {
      const pair = (labels[row] as number) * classes + (evidence.calledClass[row] as number);
      calls.set(pair, (calls.get(pair) ?? 0) + 1);
    }
  }
  const sorted = scores.map((values) => Float64Array.from(values).sort());
  const tail = tails(sorted);
  return {
    rows: Float64Array.from(sorted, (values) => values.length),
    scores: sorted,
    ...tail,
    logRatios,
    calls,
    classTails:
      byClass === null || byClass.count === 0
        ? null
        : tailsByClass(evidence, labels, byClass, chosen, tail.tailThresholds),
    judged: null,
  };
}

/** The same with what is counted of each row. */
export function withJudgedRows(
  calibration: Calibration,
  { anomalyScore, logRatio, calledClass }: RowEvidence,
  labels: Int32Array,
  classes: number,
  strata: Strata,
  chosen: Int32Array,
): Calibration {
  const rows = chosen.filter(
    (row) => stratumOf(strata, labels, row) >= 0 && !Number.isNaN(anomalyScore[row] as number),
  );
  const strataOfRows = rows.map((row) => stratumOf(strata, labels, row));
  const pairOf = (row: number) => (labels[row] as number) * classes + (calledClass?.[row] as number);
  const judged = {
    rows,
    strata: strataOfRows,
    reached: Uint8Array.from(rows, (row, at) =>
      reachedBy(calibration, strataOfRows[at] as number, anomalyScore[row] as number),
    ),
    levels: Int8Array.from(logRatio === undefined ? [] : rows, (row) => levelOf(logRatio?.[row] as number)),
    pairs: Int32Array.from(calledClass === undefined ? [] : rows, pairOf),
  };
  return { ...calibration, judged };
}

function reachedBy({ tailThresholds }: Calibration, stratum: number, score: number): number {
  const own = tailThresholds.subarray(stratum * TAIL_SHARES.length, (stratum + 1) * TAIL_SHARES.length);
  return own.reduce((reached, threshold) => (score >= threshold ? reached + 1 : reached), 0);
}

function tailsByClass(
  { anomalyScore }: RowEvidence,
  labels: Int32Array,
  strata: Strata,
  chosen: Int32Array,
  thresholds: Float64Array,
): ClassTails {
  const rows = new Float64Array(strata.count);
  const tailCounts = new Float64Array(strata.count * TAIL_SHARES.length);
  for (const row of chosen) {
    const stratum = stratumOf(strata, labels, row);
    const score = anomalyScore[row] as number;
    if (stratum < 0 || Number.isNaN(score)) continue;
    rows[stratum] = (rows[stratum] as number) + 1;
    thresholds.forEach((threshold, share) => {
      const at = stratum * TAIL_SHARES.length + share;
      if (score >= threshold) tailCounts[at] = (tailCounts[at] as number) + 1;
    });
  }
  return { rows, tailCounts };
}

function tails(sorted: readonly Float64Array[]): Pick<Calibration, 'tailCounts' | 'tailThresholds'> {
  const counts = sorted.flatMap((scores) => TAIL_SHARES.map((share) => Math.floor(share * scores.length)));
  const thresholds = counts.map((count, at) => {
    const scores = sorted[Math.floor(at / TAIL_SHARES.length)] as Float64Array;
    return count === 0 ? Infinity : (scores[scores.length - count] as number);
  });
  return { tailCounts: Float64Array.from(counts), tailThresholds: Float64Array.from(thresholds) };
}

/** Conformal p-value of a score in a stratum. */
export function conformalPValue(calibration: Calibration, stratum: number, score: number): number {
  return rankPValue(calibration.scores[stratum], score);
}

/** Conformal p-value of a score among ascending ones: (1 + trusted scores at or above it) / (1 + trusted scores), Vovk et al. 2005. */
export function rankPValue(scores: Float64Array | undefined, score: number): number {
  if (scores === undefined || Number.isNaN(score)) return Number.NaN;
  return (1 + scores.length - lowerBound(scores, score)) / (1 + scores.length);
}

/** Of all strata, ascending. */
export function scoresAcross({ scores }: Pick<Calibration, 'scores'>): Float64Array {
  return Float64Array.from(scores.flatMap((some) => [...some])).sort();
}
