import { type Calibration, type JudgedRows, TAIL_SHARES } from '../calibration.js';
import { type Histogram, ratioAt } from '../histogram.js';

/** Of the rows that weights cost a sum, so many more: the weights were found from the rows themselves. */
const LOST_AGAIN = 0.5;
/** Of counts that would be whole but for rounding. */
const ROUNDING = 1e-9;

/**
 * The calibration as it would be on rows of these weights: `weights` are of its judged rows, in order. Each stratum has as
 * many rows as would make a share as uncertain (Kish 1965), so that the laws of the tests hold for it.
 */
export function weighCalibration(
  calibration: Calibration,
  judged: JudgedRows,
  weights: Float64Array,
  classes: number,
): Calibration {
  const { tailCounts, tailThresholds, logRatios } = calibration;
  const strata = groupWeights(judged.strata, weights, calibration.rows.length);
  return {
    rows: strata.effective,
    scores: [],
    tailCounts: weighTails(tailCounts, judged, weights, strata),
    tailThresholds,
    logRatios: logRatios.length === 0 ? [] : weighRatios(judged, weights, strata),
    calls: weighPairs(judged, weights, classes),
    classTails: null,
    judged: null,
  };
}

/** Rows that are compared with one another, by group. */
interface Groups {
  readonly totals: Float64Array;
  /** So many rows of one weight would be as sure. */
  readonly effective: Float64Array;
}

function groupWeights(groupOf: Int32Array, weights: Float64Array, count: number): Groups {
  const [totals, squares] = [new Float64Array(count), new Float64Array(count)];
  groupOf.forEach((group, at) => {
    const weight = weights[at] as number;
    totals[group] = (totals[group] as number) + weight;
    squares[group] = (squares[group] as number) + weight ** 2;
  });
  return {
    totals,
    effective: totals.map((total, group) => (total === 0 ? 0 : total ** 2 / (squares[group] as number))),
  };
}

/** How much more or less of each stratum lies beyond each threshold. Strata × shares. */
function weighTails(
  tailCounts: Float64Array,
  { strata, reached }: JudgedRows,
  weights: Float64Array,
  { totals, effective }: Groups,
): Float64Array {
  const [plain, weighted] = [new Float64Array(tailCounts.length), new Float64Array(tailCounts.length)];
  const rows = new Float64Array(totals.length);
  strata.forEach((stratum, at) => {
    rows[stratum] = (rows[stratum] as number) + 1;
    const end = (stratum + 1) * TAIL_SHARES.length;
    for (let place = end - (reached[at] as number); place < end; place++) {
      plain[place] = (plain[place] as number) + 1;
      weighted[place] = (weighted[place] as number) + (weights[at] as number);
    }
  });
  // Of equal scores at the threshold some do not count: as a ratio, it is that of all who reach it.
  return tailCounts.map((count, place) => {
    const stratum = Math.floor(place / TAIL_SHARES.length);
    const [all, total] = [rows[stratum] as number, totals[stratum] as number];
    if (count === 0 || total === 0) return 0;
    const rise = (weighted[place] as number) / total / ((plain[place] as number) / all);
    return ((effective[stratum] as number) * Math.min(all, count * rise)) / all;
  });
}

/**
 * Whole rows: what is left of each level is made up for by the next. Where rows of great weight are those that vary most,
 * fewer would be as sure of the mean.
 */
function weighRatios(
  { strata, levels }: JudgedRows,
  weights: Float64Array,
  { totals, effective }: Groups,
): Histogram[] {
  const sure = surenessOfMeans(strata, Float64Array.from(levels, ratioAt), weights, totals);
  const sums = Array.from(totals, (): Histogram => new Map());
  const counted = new Float64Array(totals.length);
  strata.forEach((stratum, at) => {
    counted[stratum] = (counted[stratum] as number) + 1;
    const own = sums[stratum];
    const level = levels[at] as number;
    own?.set(level, (own.get(level) ?? 0) + (weights[at] as number));
  });
  return sums.map((own, stratum) => {
    const whole: Histogram = new Map();
    const left = Math.min(effective[stratum] as number, sure[stratum] as number);
    const rows = left * (1 - LOST_AGAIN * Math.max(0, 1 - left / (counted[stratum] as number)));
    const rowsPerWeight = rows / (totals[stratum] as number);
    let [due, given] = [0, 0];
    for (const level of [...own.keys()].sort((a, b) => ratioAt(a) - ratioAt(b))) {
      due += (own.get(level) as number) * rowsPerWeight;
      const next = Math.round(due) - given;
      if (next > 0) whole.set(level, next);
      given += next;
    }
    return whole;
  });
}

/** How many rows of one weight would have as sure a mean, by stratum; Infinity where values are all equal. */
function surenessOfMeans(
  strata: Int32Array,
  values: Float64Array,
  weights: Float64Array,
  totals: Float64Array,
): Float64Array {
  const means = new Float64Array(totals.length);
  strata.forEach((stratum, at) => {
    means[stratum] =
      (means[stratum] as number) + ((weights[at] as number) * (values[at] as number)) / (totals[stratum] as number);
  });
  const [variances, errors] = [new Float64Array(totals.length), new Float64Array(totals.length)];
  strata.forEach((stratum, at) => {
    const share = (weights[at] as number) / (totals[stratum] as number);
    const square = ((values[at] as number) - (means[stratum] as number)) ** 2;
    variances[stratum] = (variances[stratum] as number) + share * square;
    errors[stratum] = (errors[stratum] as number) + share ** 2 * square;
  });
  return variances.map((variance, stratum) =>
    errors[stratum] === 0 ? Infinity : variance / (errors[stratum] as number),
  );
}

/** Whole rows: of those called otherwise than they are labelled no part is lost. */
function weighPairs({ pairs }: JudgedRows, weights: Float64Array, classes: number): Histogram {
  const given = groupWeights(
    pairs.map((pair) => Math.floor(pair / classes)),
    weights,
    classes,
  );
  const sums = new Map<number, number>();
  pairs.forEach((pair, at) => void sums.set(pair, (sums.get(pair) ?? 0) + (weights[at] as number)));
  const calls: Histogram = new Map();
  const left = Array.from(given.effective, Math.round);
  for (const [pair, sum] of sums) {
    const label = Math.floor(pair / classes);
    if (pair % classes === label) continue;
    const share = sum / (given.totals[label] as number);
    const rows = Math.ceil(share * (given.effective[label] as number) - ROUNDING);
    calls.set(pair, rows);
    left[label] = (left[label] as number) - rows;
  }
  left.forEach((rows, label) => {
    if (rows > 0) calls.set(label * classes + label, rows);
  });
  return calls;
}
