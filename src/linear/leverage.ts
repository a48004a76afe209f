import { type Matrix, type Rows, selectRows, toMatrix } from './matrix.js';
import { crossProduct, multiply, projectedNorms, squaredNorms } from './products.js';
import { type CopyGroups, fitRidge, type GramSums, gramSums, remainder } from './ridge.js';
import { mainDirections, trace } from './subspace.js';
import { symmetricEigen } from './symmetric-eigen.js';

/**
 * How far a row lies from the fitted ones: zᵀ(ZᵀZ + λI)⁻¹z. Exact, or, where it is wide and fitted on many rows, exact
 * within the subspace of greatest variance and by the average elsewhere: a fifth of the cost, the same ranking.
 */
export type LeverageModel =
  | {
      /** L⁻ᵀ of ZᵀZ + λI = LLᵀ. */
      readonly whitening: Matrix;
    }
  | Subspace;

interface Subspace {
  /** Orthonormal columns that have nothing in common over the fitted rows: dims × rank. */
  readonly basis: Matrix;
  /** Of each of them 1 / (square sum + λ): rank × 1. */
  readonly weights: Matrix;
  /** The same of a direction outside, in the mean. */
  readonly outsideWeight: number;
}

const RANK = 80;
/** A subspace needs so many rows a direction, or it would fit the very rows that it was found from. */
const ROWS_PER_DIRECTION = 12;
/** How many parts rows that a subspace is fitted on have to be in. */
export const LEVERAGE_PARTS = 8;
/** Wide enough for the subspace to save work. */
const LEAST_DIMS = 2 * RANK;
const POWER_STEPS = 12;

/** `rows`: distinct ones. */
function isWorthIt(dims: number, rows: number): boolean {
  return dims > LEAST_DIMS && rows >= ROWS_PER_DIRECTION * RANK;
}

function fitSubspace({ gram, dims }: Pick<GramSums, 'gram' | 'dims'>, lambda: number): Subspace {
  const symmetric = toMatrix(gram, dims, dims);
  const span = mainDirections(symmetric, RANK, POWER_STEPS);
  const inside = crossProduct(span, multiply(symmetric, span));
  const { values, vectors } = symmetricEigen(symmetrised(inside, RANK), RANK);
  const outside = (trace(gram, dims) - trace(inside, RANK)) / (dims - RANK);
  const weightOf = (sum: number) => 1 / (Math.max(0, sum) + lambda);
  return {
    basis: multiply(span, toMatrix(vectors, RANK, RANK)),
    weights: toMatrix(values.map(weightOf), RANK, 1),
    outsideWeight: weightOf(outside),
  };
}

/** Without what rounding has made of either half. */
function symmetrised(square: Float64Array, size: number): Float64Array {
  return square.map((value, at) => {
    const [row, column] = [Math.floor(at / size), at % size];
    return (value + (square[column * size + row] as number)) / 2;
  });
}

/** Of rows that the model was not fitted on. */
export function leverages(model: LeverageModel, rows: Rows): Float64Array {
  if ('whitening' in model) return Float64Array.from(squaredNorms(rows, model.whitening).data);
  const { basis, weights, outsideWeight } = model;
  const { inside, outside } = projectedNorms(rows, basis, weights);
  return Float64Array.from(inside, (h, row) => h + Math.max(0, outside[row] as number) * outsideWeight);
}

interface FittedRows {
  readonly copies: CopyGroups;
  /** Row → one of LEVERAGE_PARTS parts, the same for copies. */
  readonly partOf: Int32Array;
}

/**
 * Fits on rows at `lambda`, and gives each of them what a row that was not fitted on gets: without itself and its copies,
 * h / (1 − s·h) for s copies, exactly; where a subspace is used, by that of the other parts. A subspace lies nearer to the
 * rows that it was found from than to any others, as much as these have no directions of their own, and no correction of
 * single rows makes that good.
 */
export function fitLeverages(
  rows: Matrix,
  lambda: number,
  { copies, partOf }: FittedRows,
): { readonly model: LeverageModel; readonly own: Float64Array } {
  const whole = (matrix: Matrix) => gramSums(matrix, new Int32Array(matrix.rows), 0);
  if (!isWorthIt(rows.cols, copies.sizes.length)) {
    const { whitening } = fitRidge(whole(rows), lambda);
    return { model: { whitening }, own: leaveOneOut(squaredNorms(rows, whitening).data, copies) };
  }
  const members = membersOf(partOf);
  const grams = members.map((chosen) => whole(selectRows(rows, chosen)).gram);
  const gram = grams.reduce((sum, part) => sum.map((value, at) => value + (part[at] as number)));
  const own = new Float64Array(rows.rows);
  members.forEach((chosen, part) => {
    // Fewer rows have smaller sums, and their leverages are greater by as much.
    const share = 1 - chosen.length / rows.rows;
    const others = gram.map((value, at) => value - (grams[part]?.[at] as number));
    const model = fitSubspace({ gram: others, dims: rows.cols }, share * lambda);
    leverages(model, selectRows(rows, chosen)).forEach((h, at) => {
      own[chosen[at] as number] = share * h;
    });
  });
  return { model: fitSubspace({ gram, dims: rows.cols }, lambda), own };
}

function leaveOneOut(own: Float32Array, { groupOf, sizes }: CopyGroups): Float64Array {
  return Float64Array.from(own, (h, row) => h / remainder(h, sizes[groupOf[row] as number] as number));
}

/** The rows of each part that has any. */
function membersOf(partOf: Int32Array): number[][] {
  const members = new Map<number, number[]>();
  partOf.forEach((part, row) => {
    const own = members.get(part);
    if (own === undefined) members.set(part, [row]);
    else own.push(row);
  });
  return [...members].sort(([a], [b]) => a - b).map(([, rows]) => rows);
}
