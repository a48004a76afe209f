import { type Calibration, type Strata, stratumOf, TAIL_SHARES } from './calibration.js';
import type { RowEvidence } from './contract.js';
import { addToHistogram, type Histogram, levelOf, mergeHistograms, withoutCounts } from './histogram.js';

/** What the tests need to know of a set of rows: sums that add over shards, sources and blocks. Plain data. */
export interface Tally {
  /** Judged rows per stratum. */
  readonly rows: Float64Array;
  /** Per calibration, rows strictly above each tail threshold: strata × shares. */
  readonly above: readonly Float64Array[];
  /** Log ratios per stratum; empty for detectors without them. */
  readonly logRatios: readonly Histogram[];
  /** Rows by given and called class, given × classes + called; rows called as given are counted too. */
  readonly calls: Histogram;
}

export function emptyTally(strata: Strata, calibrations: readonly Calibration[]): Tally {
  const withRatios = (calibrations[0]?.logRatios.length ?? 0) > 0;
  return {
    rows: new Float64Array(strata.count),
    above: calibrations.map(() => new Float64Array(strata.count * TAIL_SHARES.length)),
    logRatios: withRatios ? Array.from({ length: strata.count }, (): Histogram => new Map()) : [],
    calls: new Map(),
  };
}

/** Counts row `row` in. */
export function addRow(
  tally: Tally,
  row: number,
  evidence: RowEvidence,
  labels: Int32Array,
  { strata, classes, calibrations }: { strata: Strata; classes: number; calibrations: readonly Calibration[] },
): void {
  const stratum = stratumOf(strata, labels, row);
  const score = evidence.anomalyScore[row] as number;
  if (stratum < 0 || Number.isNaN(score)) return;
  tally.rows[stratum] = (tally.rows[stratum] as number) + 1;
  for (let k = 0; k < calibrations.length; k++) {
    countTails(tally.above[k] as Float64Array, (calibrations[k] as Calibration).tailThresholds, stratum, score);
  }
  const histogram = tally.logRatios[stratum];
  if (histogram !== undefined && evidence.logRatio !== undefined)
    addToHistogram(histogram, levelOf(evidence.logRatio[row] as number));
  if (evidence.calledClass !== undefined) {
    addToHistogram(tally.calls, (labels[row] as number) * classes + (evidence.calledClass[row] as number));
  }
}

/** Thresholds fall with the shares: most rows are done with the last one. */
function countTails(above: Float64Array, thresholds: Float64Array, stratum: number, score: number): void {
  const first = stratum * TAIL_SHARES.length;
  for (let at = first + TAIL_SHARES.length - 1; at >= first && score > (thresholds[at] as number); at--) {
    above[at] = (above[at] as number) + 1;
  }
}

export function mergeTally(into: Tally, from: Tally): void {
  addArray(into.rows, from.rows);
  into.above.forEach((above, k) => addArray(above, from.above[k] as Float64Array));
  into.logRatios.forEach((histogram, stratum) => mergeHistograms(histogram, from.logRatios[stratum] as Histogram));
  mergeHistograms(into.calls, from.calls);
}

/** The sums without those of `part`, which are among them. */
export function subtractTally(all: Tally, part: Tally): Tally {
  const left = (whole: Float64Array, some: Float64Array | undefined) =>
    whole.map((rows, at) => rows - (some?.[at] ?? 0));
  return {
    rows: left(all.rows, part.rows),
    above: all.above.map((above, k) => left(above, part.above[k])),
    logRatios: all.logRatios.map((histogram, stratum) => withoutCounts(histogram, part.logRatios[stratum])),
    calls: withoutCounts(all.calls, part.calls),
  };
}

/** The rows of `all` that are not in `part`, as if they were trusted: what a part of a batch is compared with. */
export function calibrateOnRest(all: Tally, part: Tally): Calibration {
  return {
    rows: all.rows.map((rows, stratum) => rows - (part.rows[stratum] as number)),
    scores: [],
    tailCounts: (all.above[0] as Float64Array).map((rows, at) => rows - (part.above[0]?.[at] ?? 0)),
    tailThresholds: new Float64Array(0),
    logRatios: all.logRatios.map((histogram, stratum) => withoutCounts(histogram, part.logRatios[stratum])),
    calls: withoutCounts(all.calls, part.calls),
    classTails: null,
    judged: null,
  };
}

function addArray(into: Float64Array, from: Float64Array): void {
  for (let i = 0; i < into.length; i++) into[i] = (into[i] as number) + (from[i] as number);
}
