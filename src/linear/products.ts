import * as tf from '@tensorflow/tfjs-core';
import type { Matrix } from './matrix.js';

/** Rows per tensor: larger ones cost memory and gain no speed. */
const CHUNK_ROWS = 2048;

function chunkOf(matrix: Matrix, from: number): tf.Tensor2D {
  const to = Math.min(matrix.rows, from + CHUNK_ROWS);
  return tf.tensor2d(matrix.data.subarray(from * matrix.cols, to * matrix.cols), [to - from, matrix.cols]);
}

function mapChunks(matrix: Matrix, cols: number, compute: (chunk: tf.Tensor2D) => tf.Tensor): Matrix {
  const data = new Float32Array(matrix.rows * cols);
  for (let from = 0; from < matrix.rows; from += CHUNK_ROWS) {
    const result = tf.tidy(() => compute(chunkOf(matrix, from)));
    data.set(result.dataSync() as Float32Array, from * cols);
    result.dispose();
  }
  return { rows: matrix.rows, cols, data };
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
export function multiply(a: Matrix, b: Matrix): Matrix {
  return withTensor(b, (right) => mapChunks(a, b.cols, (chunk) => tf.matMul(chunk, right)));
}

/** max(0, A·B). */
export function multiplyRelu(a: Matrix, b: Matrix): Matrix {
  return withTensor(b, (right) => mapChunks(a, b.cols, (chunk) => tf.relu(tf.matMul(chunk, right))));
}

/** |zB|² for each row z of A: rows × 1. */
export function squaredNorms(a: Matrix, b: Matrix): Matrix {
  return withTensor(b, (right) => mapChunks(a, 1, (chunk) => tf.sum(tf.square(tf.matMul(chunk, right)), 1)));
}

/** AᵀB, summed over the common rows in double precision between chunks: a.cols × b.cols. */
export function crossProduct(a: Matrix, b: Matrix): Float64Array {
  const sum = new Float64Array(a.cols * b.cols);
  for (let from = 0; from < a.rows; from += CHUNK_ROWS) {
    const result = tf.tidy(() => {
      // WASM multiplies a transposed copy ten times faster than with transposeA.
      const left = tf.transpose(chunkOf(a, from));
      return tf.matMul(left, chunkOf(b, from));
    });
    const part = result.dataSync();
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (part[i] as number);
    result.dispose();
  }
  return sum;
}
