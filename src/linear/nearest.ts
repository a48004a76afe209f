import * as tf from '@tensorflow/tfjs-core';
import type { Matrix } from './matrix.js';

/** Rows per tensor: products of a chunk with all references leave the tensor backend, small ones stay in cache. */
const CHUNK_ROWS = 1024;

/** Says that reference `reference` is row `row` itself or its copy, which may not vouch for it. */
export type IsOwn = (row: number, reference: number) => boolean;

/**
 * Mean Euclidean distance of each row to its `count` nearest references that are not its own; NaN where it has none.
 * Tensors choose the nearest, whose distances are then computed in double precision: backends agree.
 */
export function nearestDistances(rows: Matrix, references: Matrix, count: number, isOwn: IsOwn): Float64Array {
  const means = new Float64Array(rows.rows).fill(Number.NaN);
  // No backend multiplies by a matrix without columns.
  if (references.rows === 0) return means;
  const nearest = emptyNearest(count);
  const right = comparison(references);
  try {
    for (let from = 0; from < rows.rows; from += CHUNK_ROWS) {
      const to = Math.min(rows.rows, from + CHUNK_ROWS);
      const order = compare(rows, from, to, right);
      for (let row = from; row < to; row++) {
        const start = (row - from) * references.rows;
        chooseNearest(nearest, order, start, start + references.rows, isOwn, row);
        means[row] = meanDistance(rows, row, references, nearest);
      }
    }
  } finally {
    right.dispose();
  }
  return means;
}

/** [−2r, |r|²] for each reference r as a column: its product with [x, 1] is |x − r|² − |x|². */
function comparison({ rows, cols, data }: Matrix): tf.Tensor2D {
  const columns = new Float32Array((cols + 1) * rows);
  for (let r = 0; r < rows; r++) {
    let square = 0;
    for (let d = 0; d < cols; d++) {
      const value = data[r * cols + d] as number;
      columns[d * rows + r] = -2 * value;
      square += value * value;
    }
    columns[cols * rows + r] = square;
  }
  return tf.tensor2d(columns, [cols + 1, rows]);
}

function compare({ cols, data }: Matrix, from: number, to: number, right: tf.Tensor2D): Float32Array {
  const left = new Float32Array((to - from) * (cols + 1));
  for (let row = from; row < to; row++) {
    const at = (row - from) * (cols + 1);
    left.set(data.subarray(row * cols, (row + 1) * cols), at);
    left[at + cols] = 1;
  }
  const product = tf.tidy(() => tf.matMul(tf.tensor2d(left, [to - from, cols + 1]), right));
  const order = product.dataSync() as Float32Array;
  product.dispose();
  return order;
}

/** The nearest so far, farthest first; references are −1 while there is none. */
interface Nearest {
  readonly orders: Float64Array;
  readonly references: Int32Array;
}

function emptyNearest(count: number): Nearest {
  return { orders: new Float64Array(count), references: new Int32Array(count) };
}

function chooseNearest(nearest: Nearest, order: Float32Array, start: number, end: number, isOwn: IsOwn, row: number) {
  nearest.orders.fill(Infinity);
  nearest.references.fill(-1);
  let farthest = Infinity;
  for (let at = start; at < end; at++) {
    const candidate = order[at] as number;
    if (candidate < farthest && !isOwn(row, at - start)) farthest = insert(nearest, candidate, at - start);
  }
}

/** Puts a reference in the place of the farthest; returns the order of the farthest now. */
function insert({ orders, references }: Nearest, order: number, reference: number): number {
  const last = orders.length - 1;
  let at = 0;
  for (; at < last && (orders[at + 1] as number) > order; at++) {
    orders[at] = orders[at + 1] as number;
    references[at] = references[at + 1] as number;
  }
  orders[at] = order;
  references[at] = reference;
  return orders[0] as number;
}

function meanDistance(rows: Matrix, row: number, references: Matrix, nearest: Nearest): number {
  let sum = 0;
  let count = 0;
  for (const reference of nearest.references) {
    if (reference === -1) continue;
    sum += Math.sqrt(squaredDistance(rows.data, row * rows.cols, references.data, reference * rows.cols, rows.cols));
    count++;
  }
  return count === 0 ? Number.NaN : sum / count;
}

// Two sums at once: the additions do not wait for one another.
function squaredDistance(a: Float32Array, fromA: number, b: Float32Array, fromB: number, length: number): number {
  let even = 0;
  let odd = 0;
  let d = 0;
  for (; d + 1 < length; d += 2) {
    const first = (a[fromA + d] as number) - (b[fromB + d] as number);
    const second = (a[fromA + d + 1] as number) - (b[fromB + d + 1] as number);
    even += first * first;
    odd += second * second;
  }
  if (d < length) even += ((a[fromA + d] as number) - (b[fromB + d] as number)) ** 2;
  return even + odd;
}
