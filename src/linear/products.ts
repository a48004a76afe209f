import * as tf from '@tensorflow/tfjs-core';
import { type Matrix, type OneHotGroup, type Resident, type Rows, selectRows, zeros } from './matrix.js';
import { cut, denseOf, gather, type Part, scaledPart, squares, times } from './parts.js';

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

/** Rows as numbers in memory. */
export function fromResident(rows: Rows): Matrix {
  return isResident(rows) ? mapChunks(rows, rows.cols, (parts) => tf.concat2d(parts.map(denseOf), 1)) : rows;
}

function resident(part: Part): Resident {
  return { rows: part.shape[0], cols: part.shape[1], parts: [part] };
}

function isResident(rows: Rows): rows is Resident {
  return 'parts' in rows;
}

function partsOf({ parts }: Resident): readonly Part[] {
  return parts as readonly Part[];
}

function chunkOf(matrix: Matrix, from: number, rows = CHUNK_ROWS): tf.Tensor2D {
  const to = Math.min(matrix.rows, from + rows);
  return tf.tensor2d(matrix.data.subarray(from * matrix.cols, to * matrix.cols), [to - from, matrix.cols]);
}

function mapChunks(rows: Rows, cols: number, compute: (chunk: readonly Part[]) => tf.Tensor): Matrix {
  if (isResident(rows)) return { rows: rows.rows, cols, data: download(() => compute(partsOf(rows))) };
  const data = new Float32Array(rows.rows * cols);
  for (let from = 0; from < rows.rows; from += CHUNK_ROWS) {
    data.set(
      download(() => compute([chunkOf(rows, from)])),
      from * cols,
    );
  }
  return { rows: rows.rows, cols, data };
}

function download(compute: () => tf.Tensor): Float32Array {
  return residentScope(() => compute().dataSync() as Float32Array);
}

/** A·B: (rows × n)·(n × cols) → rows × cols. */
export function multiply(a: Rows, b: Matrix): Matrix {
  return mapChunks(a, b.cols, (chunk) => times(chunk, b));
}

/** A·B for some rows of A. */
export function multiplySome(a: Rows, chosen: Int32Array, b: Matrix): Matrix {
  if (chosen.length === 0) return zeros(0, b.cols);
  if (!isResident(a)) return multiply(selectRows(a, chosen), b);
  const rowsOf = (part: Part) => gather(part, chosen);
  const data = download(() => times(partsOf(a).map(rowsOf), b));
  return { rows: chosen.length, cols: b.cols, data };
}

/** max(0, A·B). */
export function multiplyRelu(a: Matrix, b: Matrix): Matrix {
  return mapChunks(a, b.cols, (chunk) => tf.relu(times(chunk, b)));
}

/** max(0, A·B), left where it was computed. */
export function residentRelu(a: Resident, b: Matrix): Resident {
  return resident(tf.tidy(() => tf.relu(times(partsOf(a), b))));
}

/** Each number times `factor`, left where it was computed. */
export function residentScaled(matrix: Matrix, factor: number, groups: readonly OneHotGroup[]): Resident {
  return resident(scaledPart(matrix, factor, groups));
}

/** Resident matrices of equal height side by side. */
export function joinResidents(parts: readonly Resident[]): Resident {
  const [first] = parts;
  return {
    rows: first?.rows ?? 0,
    cols: parts.reduce((cols, part) => cols + part.cols, 0),
    parts: parts.flatMap((part) => part.parts),
  };
}

/** The first `count` columns. */
export function leftColumns(rows: Matrix, count: number): Matrix;
export function leftColumns(rows: Rows, count: number): Rows;
export function leftColumns(rows: Rows, count: number): Rows {
  if (count === rows.cols) return rows;
  return isResident(rows) ? { ...rows, cols: count, parts: cut(partsOf(rows), 0, count) } : copyLeft(rows, count);
}

function copyLeft(matrix: Matrix, count: number): Matrix {
  const left = zeros(matrix.rows, count);
  for (let row = 0; row < matrix.rows; row++) {
    left.data.set(matrix.data.subarray(row * matrix.cols, row * matrix.cols + count), row * count);
  }
  return left;
}

/** Whole numbers of so many bits are exact in single precision. */
const SIGNS_PER_WORD = 24;

export interface SignGroups {
  /** Columns from here on, `groups` times `perGroup`; those beyond `end` count as not above zero. */
  readonly from: number;
  readonly end: number;
  readonly groups: number;
  readonly perGroup: number;
}

/** Which numbers of each row are above zero, as bits of words, each group's words by themselves: rows × words. */
export function packSigns(rows: Rows, { from, end, groups, perGroup }: SignGroups): Matrix {
  const perRow = groups * wordsOfSigns(perGroup);
  const powers = zeros(end - from, perRow);
  for (let column = 0; column < Math.min(powers.rows, groups * perGroup); column++) {
    const [group, bit] = [Math.floor(column / perGroup), column % perGroup];
    const word = group * wordsOfSigns(perGroup) + Math.floor(bit / SIGNS_PER_WORD);
    powers.data[column * perRow + word] = 2 ** (bit % SIGNS_PER_WORD);
  }
  return mapChunks(rows, perRow, (chunk) => times(cut(chunk, from, end).map(denseOf).map(isPositive), powers));
}

/** Lifts every normal number of single precision to 1 at least. */
const HUGE = 2 ** 127;

/** 1 or 0. On native tensors a step function takes seven times, on WASM ones a comparison twenty times as long. */
function isPositive(part: tf.Tensor2D): tf.Tensor2D {
  return tf.clipByValue(tf.mul(part, HUGE), 0, 1);
}

/** Words of a group. */
export function wordsOfSigns(perGroup: number): number {
  return Math.ceil(perGroup / SIGNS_PER_WORD);
}

/** |zB|² for each row z of A: rows × 1. */
export function squaredNorms(a: Rows, b: Matrix): Matrix {
  return mapChunks(a, 1, (chunk) => squares([times(chunk, b)]));
}

/**
 * For each row z of A and orthonormal columns B: the squares of zB weighted, and the part of |z|² that lies outside of
 * B's span. Both rows × 1; `weights`: b.cols × 1.
 */
export function projectedNorms(a: Rows, b: Matrix, weights: Matrix): { inside: Float32Array; outside: Float32Array } {
  const both = mapChunks(a, 2, (chunk) => {
    const inside = tf.square(times(chunk, b));
    return tf.concat2d([times([inside], weights), tf.sub(squares(chunk), tf.sum(inside, 1, true))], 1);
  });
  return { inside: columnOf(both, 0), outside: columnOf(both, 1) };
}

function columnOf({ rows, cols, data }: Matrix, column: number): Float32Array {
  const values = new Float32Array(rows);
  for (let row = 0; row < rows; row++) values[row] = data[row * cols + column] as number;
  return values;
}

/** Rows whose products are added in single precision: with 2,048 of them two backends differ in the third digit of a score. */
const SUMMED_ROWS = 256;

/** AᵀB, summed over the common rows in double precision between chunks: a.cols × b.cols. */
export function crossProduct(a: Matrix, b: Matrix): Float64Array {
  const sum = new Float64Array(a.cols * b.cols);
  for (let from = 0; from < a.rows; from += SUMMED_ROWS) {
    const part = download(() => {
      // WASM multiplies a transposed copy ten times faster than with transposeA.
      const left = tf.transpose(chunkOf(a, from, SUMMED_ROWS));
      return tf.matMul(left, chunkOf(b, from, SUMMED_ROWS));
    });
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (part[i] as number);
  }
  return sum;
}
