import { Bug } from '../errors.js';
import { type Cholesky, cholesky, inverseTransposed, solve } from './cholesky.js';
import { type Matrix, toMatrix } from './matrix.js';

import { crossProduct, multiply, squaredNorms } from './products.js';

/** Sums over rows that a ridge fit needs; they add over shards and blocks. */
export interface GramSums {
  /** ZᵀZ, dims × dims. */
  readonly gram: Float64Array;
  /** ZᵀY, dims × classes. */
  readonly moments: Float64Array;
  readonly dims: number;
  readonly classes: number;
}

/** A ridge fit: scores are Z·weights, leverages |z·whitening|². */
export interface Ridge {
  readonly lambda: number;
  /** dims × classes. */
  readonly weights: Matrix;
  /** L⁻ᵀ of ZᵀZ + λI = LLᵀ, dims × dims: no rounding makes a leverage negative. */
  readonly whitening: Matrix;
}

/** Rows with equal features and what their targets add up to; a row's own copies never vouch for it. */
export interface CopyGroups {
  /** Row → group. */
  readonly groupOf: Int32Array;
  /** Group → number of rows. */
  readonly sizes: Int32Array;
}

const MOST_ATTEMPTS = 10;

/** Sums of `rows` (rows × dims) with one-hot targets; a target below 0 counts for no class. */
export function gramSums(rows: Matrix, targets: Int32Array, classes: number): GramSums {
  const moments = new Float64Array(rows.cols * classes);
  for (let i = 0; i < rows.rows; i++) {
    const target = targets[i] as number;
    if (target < 0) continue;
    for (let d = 0; d < rows.cols; d++) {
      const at = d * classes + target;
      moments[at] = (moments[at] as number) + (rows.data[i * rows.cols + d] as number);
    }
  }
  return { gram: crossProduct(rows, rows), moments, dims: rows.cols, classes };
}

/** Fits at `lambda`, or the least tenfold of it at which single-precision sums are positive definite. */
export function fitRidge(sums: GramSums, lambda: number): Ridge {
  const { raised, factor } = factoriseFrom(sums, lambda);
  return {
    lambda: raised,
    weights: weightsOf(sums, factor),
    whitening: toMatrix(inverseTransposed(factor), sums.dims, sums.dims),
  };
}

/** The weights of the same fit alone, in half the time: dims × classes. */
export function fitWeights(sums: GramSums, lambda: number): Matrix {
  return weightsOf(sums, factoriseFrom(sums, lambda).factor);
}

function weightsOf({ moments, dims, classes }: GramSums, factor: Cholesky): Matrix {
  return toMatrix(solve(factor, moments, classes), dims, classes);
}

function factoriseFrom(sums: GramSums, lambda: number): { readonly raised: number; readonly factor: Cholesky } {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const raised = lambda * 10 ** attempt;
    const factor = factorise(sums, raised);
    if (factor !== undefined) return { raised, factor };
  }
  throw new Bug(`No λ from ${lambda} on makes ${sums.dims} features solvable`);
}

/** @throws Bug when the sums are not numbers, which no λ can mend. */
function factorise(sums: GramSums, lambda: number): Cholesky | undefined {
  const shifted = Float64Array.from(sums.gram);
  for (let d = 0; d < sums.dims; d++) {
    const at = d * sums.dims + d;
    shifted[at] = (shifted[at] as number) + lambda;
    if (!Number.isFinite(shifted[at])) throw new Bug(`Feature ${d} of the trusted rows is not a finite number`);
  }
  return cholesky(shifted, sums.dims);
}

/**
 * Class scores of each row by the fit without it and its copies: rows × classes.
 *
 * For s rows of equal features and leverage h, (I − H_SS)⁻¹(F_S − H_SS·Y_S) is (F − h·ΣY) / (1 − s·h):
 * Allen's PRESS identity for groups of copies.
 */
export function leaveOneOutScores(ridge: Ridge, rows: Matrix, targets: Int32Array, copies: CopyGroups): Matrix {
  const scores = multiply(rows, ridge.weights);
  const leverage = squaredNorms(rows, ridge.whitening).data;
  const classes = ridge.weights.cols;
  const sums = targetSums(targets, copies, classes);
  for (let i = 0; i < rows.rows; i++) {
    const group = copies.groupOf[i] as number;
    const h = leverage[i] as number;
    const rest = remainder(h, copies.sizes[group] as number);
    for (let c = 0; c < classes; c++) {
      const at = i * classes + c;
      scores.data[at] = ((scores.data[at] as number) - h * (sums[group * classes + c] as number)) / rest;
    }
  }
  return scores;
}

// Single precision may push s·h of an almost isolated row past 1.
export function remainder(leverage: number, copies: number): number {
  return Math.max(1 - copies * leverage, 1e-4);
}

function targetSums(targets: Int32Array, copies: CopyGroups, classes: number): Float64Array {
  const sums = new Float64Array(copies.sizes.length * classes);
  targets.forEach((target, i) => {
    if (target < 0) return;
    const at = (copies.groupOf[i] as number) * classes + target;
    sums[at] = (sums[at] as number) + 1;
  });
  return sums;
}
