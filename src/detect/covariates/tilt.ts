import { cholesky, solve } from '../../linear/index.js';
import { type Covariates, directionsOf, KNOTS, type RankSums } from './fit.js';

/** Ranks that are uniform have a variance of 1 at this scale. */
const SCALE = Math.sqrt(12);
/** Standard deviation of a tilt along one direction before anything is known of the batch; less leaves a part of it unexplained. */
const USUAL_TILT = 3;
/**
 * A batch that differs by more, as a population stability index, is explained no further: twice what is called large
 * (Siddiqi 2006). Of so many trusted rows few would be left to compare with.
 */
const MOST_SHIFT = 0.5;
/** Of the trusted rows: more make the tilt no surer. */
const MOST_FITTED = 20_000;
const MOST_STEPS = 30;
const LONGEST_STEP = 1;
const SETTLED = 1e-6;
const BISECTIONS = 30;

/**
 * Weights of trusted rows, of mean 1, under which they lie along the directions as the batch does on average: the
 * exponential tilt, that of all weightings which does this with the least divergence (entropy balancing, Hainmueller
 * 2012), and a density ratio whose logarithm is linear in the ranks. Labels and scores have no say in it.
 */
export function tiltTowards(covariates: Covariates, rows: Int32Array, { sums, rows: count }: RankSums): Float64Array {
  const stride = Math.ceil(rows.length / MOST_FITTED);
  const fitted = placesOf(
    covariates,
    rows.filter((_, at) => at % stride === 0),
  );
  const target = sums.map((sum) => placeOf(sum / count));
  const harmonic = (count * fitted.rows) / (count + fitted.rows);
  const tilt = bound(fitted, solveTilt(fitted, target, 1 / (harmonic * USUAL_TILT ** 2)));
  const { weights } = weigh(placesOf(covariates, rows), tilt);
  return weights.map((weight) => weight * rows.length);
}

/** rows × directions, each about centred and of about unit variance. */
interface Places {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float64Array;
}

function placeOf(rank: number): number {
  return SCALE * (rank / KNOTS - 0.5);
}

function placesOf(covariates: Covariates, rows: Int32Array): Places {
  const { ranks } = covariates;
  const cols = directionsOf(covariates);
  const data = new Float64Array(rows.length * cols);
  rows.forEach((row, at) => {
    for (let d = 0; d < cols; d++) data[at * cols + d] = placeOf(ranks[row * cols + d] as number);
  });
  return { rows: rows.length, cols, data };
}

interface Weighed {
  /** Adding to 1. */
  readonly weights: Float64Array;
  readonly means: Float64Array;
}

function weigh({ rows, cols, data }: Places, tilt: Float64Array): Weighed {
  const weights = new Float64Array(rows);
  let total = 0;
  for (let row = 0; row < rows; row++) {
    let exponent = 0;
    for (let d = 0; d < cols; d++) exponent += (tilt[d] as number) * (data[row * cols + d] as number);
    weights[row] = Math.exp(exponent);
    total += weights[row] as number;
  }
  const means = new Float64Array(cols);
  for (let row = 0; row < rows; row++) {
    const weight = (weights[row] as number) / total;
    weights[row] = weight;
    for (let d = 0; d < cols; d++) means[d] = (means[d] as number) + weight * (data[row * cols + d] as number);
  }
  return { weights, means };
}

/** The greatest of θ·target − log mean exp(θ·place) − penalty·|θ|²/2, by Newton's method. */
function solveTilt(places: Places, target: Float64Array, penalty: number): Float64Array {
  const { cols } = places;
  const tilt = new Float64Array(cols);
  for (let step = 0; step < MOST_STEPS; step++) {
    const weighed = weigh(places, tilt);
    const slope = tilt.map((own, d) => (target[d] as number) - (weighed.means[d] as number) - penalty * own);
    const factor = cholesky(curvature(places, weighed, penalty), cols);
    if (factor === undefined) return tilt;
    const change = solve(factor, slope, 1);
    const length = Math.hypot(...change);
    const scale = Math.min(1, LONGEST_STEP / length);
    for (let d = 0; d < cols; d++) tilt[d] = (tilt[d] as number) + scale * (change[d] as number);
    if (length < SETTLED) return tilt;
  }
  return tilt;
}

/** Weighted covariance of the places, raised by the penalty. */
function curvature({ rows, cols, data }: Places, { weights, means }: Weighed, penalty: number): Float64Array {
  const matrix = new Float64Array(cols * cols);
  const centred = new Float64Array(cols);
  for (let row = 0; row < rows; row++) {
    const weight = weights[row] as number;
    for (let d = 0; d < cols; d++) centred[d] = (data[row * cols + d] as number) - (means[d] as number);
    for (let d = 0; d < cols; d++) {
      const own = weight * (centred[d] as number);
      for (let e = 0; e <= d; e++)
        matrix[d * cols + e] = (matrix[d * cols + e] as number) + own * (centred[e] as number);
    }
  }
  for (let d = 0; d < cols; d++) {
    for (let e = 0; e < d; e++) matrix[e * cols + d] = matrix[d * cols + e] as number;
    matrix[d * (cols + 1)] = (matrix[d * (cols + 1)] as number) + penalty;
  }
  return matrix;
}

/** The tilt, or as much of it as shifts the rows no further than may be. */
function bound(places: Places, tilt: Float64Array): Float64Array {
  const usual = weigh(places, new Float64Array(places.cols)).means;
  const scaled = (share: number) => tilt.map((own) => own * share);
  const shiftOf = (own: Float64Array) => {
    const { means } = weigh(places, own);
    return own.reduce((sum, value, d) => sum + value * ((means[d] as number) - (usual[d] as number)), 0);
  };
  if (shiftOf(tilt) <= MOST_SHIFT) return tilt;
  let [low, high] = [0, 1];
  for (let step = 0; step < BISECTIONS; step++) {
    const middle = (low + high) / 2;
    if (shiftOf(scaled(middle)) > MOST_SHIFT) high = middle;
    else low = middle;
  }
  return scaled(low);
}
