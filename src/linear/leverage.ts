import { type Matrix, type Rows, toMatrix } from './matrix.js';
import { crossProduct, multiply, projectedNorms, squaredNorms } from './products.js';
import { type CopyGroups, fitRidge, type GramSums, remainder } from './ridge.js';
import { mainDirections, trace, whiteningOf } from './subspace.js';

/**
 * How far a row lies from the fitted ones: zᵀ(ZᵀZ + λI)⁻¹z. Exact, or, where it is wide and fitted on many rows, exact
 * within the subspace of greatest variance and by the average elsewhere: a fifth of the cost, the same ranking.
 */
export interface LeverageModel {
  /** L⁻ᵀ of ZᵀZ + λI = LLᵀ, of all dims or of the subspace's. */
  readonly whitening: Matrix;
  readonly subspace: {
    /** Orthonormal columns: dims × rank. */
    readonly basis: Matrix;
    /** 1 / (mean square sum of a direction outside + λ). */
    readonly outsideWeight: number;
  } | null;
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
  return isWorthIt ? fitSubspace(sums, lambda) : { whitening: fitRidge(sums, lambda).whitening, subspace: null };
}

function fitSubspace({ gram, dims }: GramSums, lambda: number): LeverageModel {
  const symmetric = toMatrix(gram, dims, dims);
  const basis = mainDirections(symmetric, RANK, POWER_STEPS);
  const inside = crossProduct(basis, multiply(symmetric, basis));
  const outside = (trace(gram, dims) - trace(inside, RANK)) / (dims - RANK);
  for (let d = 0; d < RANK; d++) inside[d * RANK + d] = (inside[d * RANK + d] as number) + lambda;
  return {
    whitening: whiteningOf(inside, RANK),
    subspace: { basis, outsideWeight: 1 / (Math.max(0, outside) + lambda) },
  };
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

function parts({ whitening, subspace }: LeverageModel, rows: Rows): { inside: Float32Array; outside: Float32Array } {
  if (subspace === null) return { inside: squaredNorms(rows, whitening).data, outside: new Float32Array(0) };
  const { inside, outside } = projectedNorms(rows, subspace.basis, whitening);
  return { inside, outside: outside.map((square) => Math.max(0, square) * subspace.outsideWeight) };
}
