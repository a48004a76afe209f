import { cholesky, solve } from './cholesky.js';
import { type Matrix, toMatrix } from './matrix.js';
import { crossProduct, multiply } from './products.js';

const STEPS = 30;

/**
 * Weights of a multinomial logistic regression (dims × classes) on `rows` (rows × dims), drawn towards `start` by half
 * of `penalty` times the squared distance; a target below 0 counts for no class.
 *
 * Each step solves with one bound of all Hessians, ½·ZᵀZ + penalty·I (Böhning 1992, Annals of the Institute of
 * Statistical Mathematics 44), hastened by Nesterov's momentum, which starts anew where it would climb (O'Donoghue and
 * Candès 2015, Foundations of Computational Mathematics 15). `start` itself where single precision leaves no bound.
 */
export function fitLogistic(rows: Matrix, targets: Int32Array, start: Matrix, penalty: number): Matrix {
  const bound = crossProduct(rows, rows).map((sum, at) => sum / 2 + (at % (rows.cols + 1) === 0 ? penalty : 0));
  const factor = cholesky(bound, rows.cols);
  if (factor === undefined) return start;
  let weights = Float64Array.from(start.data);
  let ahead = weights;
  let momentum = 1;
  for (let step = 0; step < STEPS; step++) {
    const gradient = logLossGradient(rows, targets, toMatrix(ahead, start.rows, start.cols)).map(
      (slope, at) => slope + penalty * ((ahead[at] as number) - (start.data[at] as number)),
    );
    const change = solve(factor, gradient, start.cols);
    const next = ahead.map((weight, at) => weight - (change[at] as number));
    const moved = next.map((weight, at) => weight - (weights[at] as number));
    const used = isUphill(change, moved) ? 1 : momentum;
    momentum = (1 + Math.sqrt(1 + 4 * used ** 2)) / 2;
    const share = (used - 1) / momentum;
    ahead = next.map((weight, at) => weight + share * (moved[at] as number));
    weights = next;
  }
  return toMatrix(weights, start.rows, start.cols);
}

function isUphill(change: Float64Array, moved: Float64Array): boolean {
  return change.reduce((sum, value, at) => sum + value * (moved[at] as number), 0) > 0;
}

/** Zᵀ(P − Y): dims × classes. */
function logLossGradient(rows: Matrix, targets: Int32Array, weights: Matrix): Float64Array {
  const excess = toProbabilities(multiply(rows, weights));
  targets.forEach((target, row) => {
    const at = row * excess.cols;
    if (target < 0) excess.data.fill(0, at, at + excess.cols);
    else excess.data[at + target] = (excess.data[at + target] as number) - 1;
  });
  return crossProduct(rows, excess);
}

/** The softmax of each row. */
export function toProbabilities({ rows, cols, data: scores }: Matrix): Matrix {
  const data = scores.slice();
  for (let row = 0; row < rows; row++) {
    const from = row * cols;
    let largest = -Infinity;
    for (let at = from; at < from + cols; at++) largest = Math.max(largest, data[at] as number);
    let sum = 0;
    for (let at = from; at < from + cols; at++) {
      const odds = Math.exp((data[at] as number) - largest);
      data[at] = odds;
      sum += odds;
    }
    for (let at = from; at < from + cols; at++) data[at] = (data[at] as number) / sum;
  }
  return { rows, cols, data };
}
