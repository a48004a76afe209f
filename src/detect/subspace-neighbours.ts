import {
  type Matrix,
  nearestDistances,
  type Random,
  seededRandom,
  selectColumns,
  selectRows,
} from '../linear/index.js';

/** References in a random half of the columns that vary, and in those that do not: a row that departs there is odd. */
interface Draw {
  readonly columns: Int32Array;
  /** references × columns. */
  readonly references: Matrix;
  /** Reference → row of the fit. */
  readonly rowOf: Int32Array;
  /** Median distance of the rows of the fit from their nearest references: draws add up in this unit. */
  readonly unit: number;
}

/** Plain data. */
export interface NeighbourModel {
  readonly draws: readonly Draw[];
}

/** 256 references with five neighbours rank the same within noise at twice the cost (bench/outlier.ts). */
const DRAWS = 20;
const REFERENCES = 128;
const NEIGHBOURS = 3;
/** Share of the rows, those most like the others, that may be references in the end: outliers vouch for outliers. */
const KEPT_SHARE = 0.9;
/** Rows that references are drawn from: the fit costs the same however many rows there are. */
const MAX_FITTED_ROWS = 4096;

/**
 * Fits on dense rows (rows × dims, columns in comparable units), some of which may be outliers themselves: references
 * drawn from all rows say which tenth is least like the others, then references are drawn anew from the rest.
 * Each draw sees a random half of the columns (feature bagging, Lazarevic and Kumar 2005; few references suffice,
 * Sugiyama and Borgwardt 2013).
 */
export function fitNeighbours(rows: Matrix, seed: string): NeighbourModel {
  const random = seededRandom(seed);
  const chosen = sample(random, indices(rows.rows), MAX_FITTED_ROWS);
  const fitted = selectRows(rows, chosen);
  const { scores } = drawAll(random, fitted, indices(fitted.rows));
  const limit = quantile(scores, KEPT_SHARE);
  const { draws } = drawAll(
    random,
    fitted,
    indices(fitted.rows).filter((row) => (scores[row] as number) <= limit),
  );
  return { draws: draws.map((draw) => ({ ...draw, rowOf: draw.rowOf.map((at) => chosen[at] as number) })) };
}

/**
 * How far each row lies from its nearest references, in units of the median row's distance; about 1 is usual. Linear
 * in rows. `isOwn` says which rows of the fit are the scored row itself or its copies. NaN for a row left with no
 * reference in any draw.
 */
export function scoreNeighbours(
  model: NeighbourModel,
  rows: Matrix,
  isOwn: (row: number, fitted: number) => boolean = () => false,
): Float64Array {
  const sums = new DistanceSums(rows.rows);
  for (const { columns, references, rowOf, unit } of model.draws) {
    const distances = nearestDistances(selectColumns(rows, columns), references, NEIGHBOURS, (row, reference) =>
      isOwn(row, rowOf[reference] as number),
    );
    sums.add(distances, unit);
  }
  return sums.means();
}

function drawAll(random: Random, rows: Matrix, candidates: Int32Array): { draws: Draw[]; scores: Float64Array } {
  const sums = new DistanceSums(rows.rows);
  const { constant, varying } = splitColumns(rows);
  const draws = Array.from({ length: DRAWS }, () => {
    const half = sample(random, varying, Math.ceil(varying.length / 2));
    const columns = Int32Array.from([...half, ...constant]).sort();
    const rowOf = sample(random, candidates, REFERENCES);
    const own = selectColumns(rows, columns);
    const references = selectRows(own, rowOf);
    const distances = nearestDistances(own, references, NEIGHBOURS, (row, reference) => row === rowOf[reference]);
    const unit = unitOf(distances);
    sums.add(distances, unit);
    return { columns, references, rowOf, unit };
  });
  return { draws, scores: sums.means() };
}

function splitColumns({ rows, cols, data }: Matrix): { constant: Int32Array; varying: Int32Array } {
  const varies = new Uint8Array(cols);
  for (let at = cols; at < rows * cols; at++) if (data[at] !== data[at - cols]) varies[at % cols] = 1;
  const columns = indices(cols);
  return { constant: columns.filter((c) => varies[c] === 0), varying: columns.filter((c) => varies[c] === 1) };
}

/** Where half of the rows have equals among the references the median is no unit, their mean is. */
function unitOf(distances: Float64Array): number {
  const known = distances.filter((distance) => !Number.isNaN(distance));
  return quantile(known, 0.5) || known.reduce((sum, distance) => sum + distance, 0) / known.length || 1;
}

/** Mean over draws of distances in the draws' units; draws in which a row has no reference do not count for it. */
class DistanceSums {
  readonly #sums: Float64Array;
  readonly #counts: Int32Array;

  constructor(rows: number) {
    this.#sums = new Float64Array(rows);
    this.#counts = new Int32Array(rows);
  }

  add(distances: Float64Array, unit: number): void {
    distances.forEach((distance, row) => {
      if (Number.isNaN(distance)) return;
      this.#sums[row] = (this.#sums[row] as number) + distance / unit;
      this.#counts[row] = (this.#counts[row] as number) + 1;
    });
  }

  means(): Float64Array {
    return this.#sums.map((sum, row) => sum / (this.#counts[row] as number));
  }
}

function indices(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, index) => index);
}

/** Up to `count` of the values, none twice, in ascending order. */
function sample(random: Random, values: Int32Array, count: number): Int32Array {
  const shuffled = values.slice();
  const length = Math.min(count, values.length);
  for (let i = 0; i < length; i++) {
    const j = i + Math.floor(random() * (values.length - i));
    const taken = shuffled[j] as number;
    shuffled[j] = shuffled[i] as number;
    shuffled[i] = taken;
  }
  return shuffled.slice(0, length).sort();
}

function quantile(values: Float64Array, share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(share * sorted.length)] ?? 0;
}
