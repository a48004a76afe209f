import { type Matrix, type Rows, toMatrix } from './matrix.js';
import { crossProduct, multiply, projectedNorms, squaredNorms } from './products.js';
import { type CopyGroups, fitRidge, type GramSums, remainder } from './ridge.js';
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
/** Wide enough for the subspace to save work. */
const LEAST_DIMS = 2 * RANK;
const POWER_STEPS = 12;

/** Fits on the sums of `rows` rows. */
export function fitLeverage(sums: GramSums, lambda: number, rows: number): LeverageModel {
  const isWorthIt = sums.dims > LEAST_DIMS && rows >= ROWS_PER_DIRECTION * RANK;
  return isWorthIt ? fitSubspace(sums, lambda) : { whitening: fitRidge(sums, lambda).whitening };
}

function fitSubspace({ gram, dims }: GramSums, lambda: number): Subspace {
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
  const { inside, outside } = parts(model, rows);
  const sums = new Float64Array(inside);
  for (let row = 0; row < outside.length; row++) sums[row] = (sums[row] as number) + (outside[row] as number);
  return sums;
}

/**
 * Of the rows that the model was fitted on, each with its copies left out: h / (1 − s·h). Outside the subspace, what
 * the row itself has bent it by: a residual over 1 − s·h, as in regression (Allen's PRESS).
 */
export function leaveOneOutLeverages(model: LeverageModel, rows: Matrix, copies: CopyGroups): Float64Array {
  const { inside, outside } = parts(model, rows);
  return Float64Array.from(inside, (h, i) => {
    const rest = remainder(h, copies.sizes[copies.groupOf[i] as number] as number);
    return h / rest + (outside[i] ?? 0) / rest ** 2;
  });
}

function parts(model: LeverageModel, rows: Rows): { inside: Float32Array; outside: Float32Array } {
  if ('whitening' in model) return { inside: squaredNorms(rows, model.whitening).data, outside: new Float32Array(0) };
  const { basis, weights, outsideWeight } = model;
  const { inside, outside } = projectedNorms(rows, basis, weights);
  return { inside, outside: outside.map((square) => Math.max(0, square) * outsideWeight) };
}
