import type { SparseRows } from '../../encode/index.js';
import {
  crossProduct,
  joinColumns,
  lowerBound,
  type Matrix,
  mainDirections,
  multiply,
  multiplySome,
  type Rows,
  selectColumns,
  selectRows,
  upperBound,
  zeros,
} from '../../linear/index.js';
import { centreByClass, meansByClass } from '../spectral/scatter.js';

/** Where trusted rows lie along the few directions in which they differ most, a last one being the length of texts. Plain data. */
export interface Covariates {
  /** Orthonormal columns: dims × directions among features. */
  readonly basis: Matrix;
  /** Quantiles of the fitted rows along each direction, ascending: directions × KNOTS. */
  readonly knots: Float32Array;
  /** Every trusted row's ranks among them: rows × directions. */
  readonly ranks: Uint8Array;
}

/** Rows as they are encoded. */
export interface Placeable<Features extends Rows = Rows> {
  readonly features: Features;
  /** Null where there is no text. */
  readonly texts: Pick<SparseRows, 'starts'> | null;
}

/** Ranks of some rows along each direction, summed: they add over shards. */
export interface RankSums {
  readonly rows: number;
  readonly sums: Float64Array;
}

/** Ranks are from 0 to so many: no row, however far out, has more say than the most usual of the rows at its end. */
export const KNOTS = 255;
/** Of a change that more directions tell of, poison may be the one that is told. */
const MOST_DIRECTIONS = 16;
/** A direction that is fitted on fewer rows is theirs alone. */
const ROWS_PER_DIRECTION = 30;
const MOST_ROWS = 4000;
const POWER_STEPS = 20;
/** Of the variance along the first direction: what is left below it is rounding. */
const LEAST_VARIANCE = 1e-4;

/** Fits on `distinct` rows, which are in digest order; null where their features do not differ. */
export function fitCovariates({ features, texts }: Placeable<Matrix>, distinct: Int32Array): Covariates | null {
  const fitted = distinct.subarray(0, MOST_ROWS);
  const chosen = selectRows(features, fitted);
  const width = Math.min(MOST_DIRECTIONS, features.cols - 1, Math.floor(chosen.rows / ROWS_PER_DIRECTION));
  if (width < 1) return null;
  const together = { features: chosen, labels: new Int32Array(chosen.rows) };
  const centred = centreByClass(together, meansByClass(together, 1));
  const gram = Float32Array.from(crossProduct(centred, centred));
  if (!gram.some((sum) => sum > 0)) return null;
  const all = mainDirections({ rows: features.cols, cols: features.cols, data: gram }, width, POWER_STEPS);
  const basis = selectColumns(all, tellingDirections(multiply(centred, all)));
  const places = withLengths(multiply(chosen, basis), texts, fitted);
  const knots = new Float32Array(places.cols * KNOTS);
  for (let d = 0; d < places.cols; d++) knots.set(quantiles(places, d), d * KNOTS);
  const every = Int32Array.from({ length: features.rows }, (_, row) => row);
  return { basis, knots, ranks: ranksOf(knots, withLengths(multiply(features, basis), texts, every)) };
}

/** Beside where `rows` lie, how many n-grams they have: the features of a text are of one length, whatever its own is. */
function withLengths(along: Matrix, texts: Placeable['texts'], rows: Int32Array): Matrix {
  if (texts === null) return along;
  const lengths = zeros(rows.length, 1);
  rows.forEach((row, at) => {
    lengths.data[at] = (texts.starts[row + 1] as number) - (texts.starts[row] as number);
  });
  return joinColumns([along, lengths], rows.length);
}

/** The length of texts included. */
export function directionsOf({ knots }: Pick<Covariates, 'knots'>): number {
  return knots.length / KNOTS;
}

function tellingDirections({ rows, cols, data }: Matrix): number[] {
  const variances = new Float64Array(cols);
  data.forEach((value, at) => {
    variances[at % cols] = (variances[at % cols] as number) + value ** 2 / rows;
  });
  return [...variances.keys()].filter((d) => (variances[d] as number) > LEAST_VARIANCE * (variances[0] as number));
}

function quantiles({ rows, cols, data }: Matrix, direction: number): Float32Array {
  const sorted = Float32Array.from({ length: rows }, (_, row) => data[row * cols + direction] as number).sort();
  return Float32Array.from({ length: KNOTS }, (_, k) => sorted[Math.floor(((k + 0.5) * rows) / KNOTS)] as number);
}

/** Of rows × directions, how far along each direction rows are. */
function ranksOf(knots: Float32Array, { cols, data }: Matrix): Uint8Array {
  const of = Array.from({ length: cols }, (_, d) => knots.subarray(d * KNOTS, (d + 1) * KNOTS));
  return Uint8Array.from(data, (value, at) => {
    const own = of[at % cols] as Float32Array;
    // Equal values are as far as the middle one of them.
    return Math.floor((lowerBound(own, value) + upperBound(own, value)) / 2);
  });
}

/** Sums over some of the rows of a chunk. */
export function sumRanks({ basis, knots }: Covariates, { features, texts }: Placeable, chosen: Int32Array): RankSums {
  const places = withLengths(multiplySome(features, chosen, basis), texts, chosen);
  const sums = new Float64Array(places.cols);
  ranksOf(knots, places).forEach((rank, at) => {
    sums[at % places.cols] = (sums[at % places.cols] as number) + rank;
  });
  return { rows: chosen.length, sums };
}

/** As if all rows had been summed that the chosen ones stand for. */
export function standingFor({ rows, sums }: RankSums, all: number): RankSums {
  return rows === 0 ? { rows, sums } : { rows: all, sums: sums.map((sum) => (sum * all) / rows) };
}

/** Undefined for none. */
export function addRankSums(all: readonly RankSums[]): RankSums | undefined {
  const [first, ...others] = all;
  if (first === undefined) return undefined;
  return others.reduce(
    (a, b) => ({ rows: a.rows + b.rows, sums: a.sums.map((sum, d) => sum + (b.sums[d] as number)) }),
    first,
  );
}
