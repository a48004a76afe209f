import * as tf from '@tensorflow/tfjs-core';
import { type Matrix, type Resident, type Rows, zeros } from './matrix.js';

/** Rows per tensor: larger ones cost memory and gain no speed. */
export const CHUNK_ROWS = 2048;

/** Runs `work` and then lets go of every resident matrix that it made. */
export function residentScope<T>(work: () => T): T {
  // Not tf.tidy, which would look through every element of a typed array that `work` returns.
  tf.engine().startScope();
  try {
    return work();
  } finally {
    tf.engine().endScope();
  }
}

export function toResident(matrix: Matrix): Resident {
  return resident(tf.tensor2d(matrix.data, [matrix.rows, matrix.cols]));
}

function resident(tensor: tf.Tensor2D): Resident {
  return { rows: tensor.shape[0], cols: tensor.shape[1], tensor };
}

function isResident(rows: Rows): rows is Resident {
  return 'tensor' in rows;
}

function tensorOf({ tensor }: Resident): tf.Tensor2D {
  return tensor as tf.Tensor2D;
}

function chunkOf(matrix: Matrix, from: number): tf.Tensor2D {
  const to = Math.min(matrix.rows, from + CHUNK_ROWS);
  return tf.tensor2d(matrix.data.subarray(from * matrix.cols, to * matrix.cols), [to - from, matrix.cols]);
}

function mapChunks(rows: Rows, cols: number, compute: (chunk: tf.Tensor2D) => tf.Tensor): Matrix {
  if (isResident(rows)) return { rows: rows.rows, cols, data: download(() => compute(tensorOf(rows))) };
  const data = new Float32Array(rows.rows * cols);
  for (let from = 0; from < rows.rows; from += CHUNK_ROWS) {
    data.set(
      download(() => compute(chunkOf(rows, from))),
      from * cols,
    );
  }
  return { rows: rows.rows, cols, data };
}

function download(compute: () => tf.Tensor): Float32Array {
  return residentScope(() => compute().dataSync() as Float32Array);
}

function withTensor<T>(matrix: Matrix, use: (tensor: tf.Tensor2D) => T): T {
  const tensor = tf.tensor2d(matrix.data, [matrix.rows, matrix.cols]);
  try {
    return use(tensor);
  } finally {
    tensor.dispose();
  }
}

/** A·B: (rows × n)·(n × cols) → rows × cols. */
export function multiply(a: Rows, b: Matrix): Matrix {
  return withTensor(b, (right) => mapChunks(a, b.cols, (chunk) => tf.matMul(chunk, right)));
}

/** max(0, A·B). */
export function multiplyRelu(a: Matrix, b: Matrix): Matrix {
  return withTensor(b, (right) => mapChunks(a, b.cols, (chunk) => tf.relu(tf.matMul(chunk, right))));
}

/** max(0, A·B), left where it was computed. */
export function residentRelu(a: Resident, b: Matrix): Resident {
  return resident(tf.tidy(() => tf.relu(tf.matMul(tensorOf(a), tf.tensor2d(b.data, [b.rows, b.cols])))));
}

/** Resident matrices of equal height side by side. */
export function joinResidents(parts: readonly Resident[]): Resident {
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? only : resident(tf.concat2d(parts.map(tensorOf), 1));
}

/** The first `count` columns. */
export function leftColumns(rows: Matrix, count: number): Matrix;
export function leftColumns(rows: Rows, count: number): Rows;
export function leftColumns(rows: Rows, count: number): Rows {
  if (count === rows.cols) return rows;
  return isResident(rows) ? resident(tf.slice2d(tensorOf(rows), [0, 0], [rows.rows, count])) : copyLeft(rows, count);
}

/** `count` columns from column `from` on, copied to where they can be read. */
export function readColumns(rows: Rows, from: number, count: number): Matrix {
  if (isResident(rows)) {
    const data = download(() => tf.slice2d(tensorOf(rows), [0, from], [rows.rows, count]));
    return { rows: rows.rows, cols: count, data };
  }
  const read = zeros(rows.rows, count);
  for (let row = 0; row < rows.rows; row++) {
    const start = row * rows.cols + from;
    read.data.set(rows.data.subarray(start, start + count), row * count);
  }
  return read;
}

function copyLeft(matrix: Matrix, count: number): Matrix {
  const left = zeros(matrix.rows, count);
  for (let row = 0; row < matrix.rows; row++) {
    left.data.set(matrix.data.subarray(row * matrix.cols, row * matrix.cols + count), row * count);
  }
  return left;
}

/** |zB|² for each row z of A: rows × 1. */
export function squaredNorms(a: Rows, b: Matrix): Matrix {
  return withTensor(b, (right) => mapChunks(a, 1, (chunk) => tf.sum(tf.square(tf.matMul(chunk, right)), 1)));
}

/**
 * For each row z of A and orthonormal columns B: |zBC|², and the part of |z|² that lies outside of B's span.
 * Both rows × 1.
 */
export function projectedNorms(a: Rows, b: Matrix, c: Matrix): { inside: Float32Array; outside: Float32Array } {
  const both = withTensor(b, (basis) =>
    withTensor(c, (right) =>
      mapChunks(a, 2, (chunk) => {
        const projected = tf.matMul(chunk, basis);
        const inside = tf.sum(tf.square(tf.matMul(projected, right)), 1);
        const outside = tf.sub(tf.sum(tf.square(chunk), 1), tf.sum(tf.square(projected), 1));
        return tf.stack([inside, outside], 1);
      }),
    ),
  );
  const column = (index: number) =>
    Float32Array.from({ length: a.rows }, (_, row) => both.data[2 * row + index] as number);
  return { inside: column(0), outside: column(1) };
}

/** AᵀB, summed over the common rows in double precision between chunks: a.cols × b.cols. */
export function crossProduct(a: Matrix, b: Matrix): Float64Array {
  const sum = new Float64Array(a.cols * b.cols);
  for (let from = 0; from < a.rows; from += CHUNK_ROWS) {
    const part = download(() => {
      // WASM multiplies a transposed copy ten times faster than with transposeA.
      const left = tf.transpose(chunkOf(a, from));
      return tf.matMul(left, chunkOf(b, from));
    });
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (part[i] as number);
  }
  return sum;
}
