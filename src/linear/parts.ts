import * as tf from '@tensorflow/tfjs-core';
import { type Matrix, type OneHotGroup, selectRows, zeros } from './matrix.js';

/** Some columns of resident rows; side by side, as putting them into one costs as much as a small product. */
export type Part = tf.Tensor2D | OneHotPart;

/** Columns most of which are zero: a product takes the rows of its other side that belong to the ones, and adds them. */
export interface OneHotPart {
  /** Rows × columns. */
  readonly shape: readonly [number, number];
  /** The columns that are in no group: rows × as many. */
  readonly numbers: tf.Tensor2D;
  readonly numberColumns: Int32Array;
  readonly ones: Ones;
  /** What stands for one. */
  readonly factor: number;
  /** All columns. */
  dense(): tf.Tensor2D;
}

interface Ones {
  readonly groups: number;
  /** Rows × groups: the column of the one, that behind the last where there is none. */
  readonly places: Int32Array;
  /** The same, and the row of each. */
  readonly indices: tf.Tensor1D;
  readonly rowOf: tf.Tensor1D;
}

/** Adding a row of the other side takes less than multiplying so many columns. */
const LEAST_WIDTH = 8;

/** Whether tensors have a kernel for it: native ones do not, and multiply twice as fast. */
function canAddRows(): boolean {
  return tf.getKernel('SparseSegmentSum', tf.getBackend()) !== undefined;
}

/** Each number times `factor`; where most columns are in wide groups these are kept as places of ones. */
export function scaledPart(matrix: Matrix, factor: number, groups: readonly OneHotGroup[]): Part {
  const { rows, cols, data } = matrix;
  const dense = () => tf.tidy(() => tf.mul(tf.tensor2d(data, [rows, cols]), factor)) as tf.Tensor2D;
  const wide = groups.filter(({ width }) => width >= LEAST_WIDTH);
  const grouped = new Set(wide.flatMap(({ from, width }) => Array.from({ length: width }, (_, at) => from + at)));
  if (2 * grouped.size < cols || !canAddRows()) return dense();
  const numberColumns = Int32Array.from({ length: cols }, (_, column) => column).filter(
    (column) => !grouped.has(column),
  );
  const numbers = tf.tensor2d(scaledColumns(matrix, numberColumns, factor), [rows, numberColumns.length]);
  const ones = onesAt(placesIn(matrix, wide), wide.length);
  return { shape: [rows, cols], numbers, numberColumns, ones, factor, dense };
}

function onesAt(places: Int32Array, groups: number): Ones {
  const rowOf = new Int32Array(places.length);
  for (let at = 0, row = 0; at < places.length; row++) for (let group = 0; group < groups; group++) rowOf[at++] = row;
  return { groups, places, indices: tf.tensor1d(places, 'int32'), rowOf: tf.tensor1d(rowOf, 'int32') };
}

function scaledColumns({ rows, cols, data }: Matrix, columns: Int32Array, factor: number): Float32Array {
  const scaled = new Float32Array(rows * columns.length);
  for (let row = 0, at = 0; row < rows; row++) {
    for (const column of columns) scaled[at++] = (data[row * cols + column] as number) * factor;
  }
  return scaled;
}

function placesIn({ rows, cols, data }: Matrix, groups: readonly OneHotGroup[]): Int32Array {
  const places = new Int32Array(rows * groups.length).fill(cols);
  groups.forEach(({ from, width }, group) => {
    for (let row = 0; row < rows; row++) {
      const start = row * cols + from;
      let at = 0;
      while (at < width && data[start + at] === 0) at++;
      if (at < width) places[row * groups.length + group] = from + at;
    }
  });
  return places;
}

export function denseOf(part: Part): tf.Tensor2D {
  return 'dense' in part ? part.dense() : part;
}

/** Parts times the rows of B that they meet. */
export function times(parts: readonly Part[], b: Matrix): tf.Tensor2D {
  let from = 0;
  const products = parts.map((part) => {
    const [, width] = part.shape;
    const block = { rows: width, cols: b.cols, data: b.data.subarray(from * b.cols, (from + width) * b.cols) };
    from += width;
    return 'dense' in part ? timesOneHot(part, block) : tf.matMul(part, toTensor(block));
  });
  return sum(products);
}

function timesOneHot({ shape: [rows, cols], numbers, numberColumns, ones, factor }: OneHotPart, b: Matrix): tf.Tensor {
  // A last row of zeros is for places without a one.
  const table = zeros(cols + 1, b.cols);
  for (let at = 0; at < b.data.length; at++) table.data[at] = (b.data[at] as number) * factor;
  const ofOnes = tf.sparse.sparseSegmentSum(toTensor(table), ones.indices, ones.rowOf);
  return tf.add(tf.matMul(numbers, toTensor(selectRows(b, numberColumns))), tf.reshape(ofOnes, [rows, b.cols]));
}

function toTensor({ rows, cols, data }: Matrix): tf.Tensor2D {
  return tf.tensor2d(data, [rows, cols]);
}

/** The square sum of each row. */
export function squares(parts: readonly Part[]): tf.Tensor2D {
  return sum(parts.map((part) => ('dense' in part ? squaresOneHot(part) : squareSums(part))));
}

function squaresOneHot({ shape: [rows, cols], numbers, ones: { places, groups }, factor }: OneHotPart): tf.Tensor {
  const ofOnes = new Float32Array(rows);
  for (let row = 0, at = 0; row < rows; row++) {
    for (const end = at + groups; at < end; at++) {
      if ((places[at] as number) < cols) ofOnes[row] = (ofOnes[row] as number) + factor ** 2;
    }
  }
  return tf.add(squareSums(numbers), tf.tensor2d(ofOnes, [rows, 1]));
}

function squareSums(tensor: tf.Tensor2D): tf.Tensor {
  return tf.sum(tf.square(tensor), 1, true);
}

function sum(tensors: readonly tf.Tensor[]): tf.Tensor2D {
  return tensors.reduce((total, tensor) => tf.add(total, tensor)) as tf.Tensor2D;
}

/** Some of the rows. */
export function gather(part: Part, chosen: Int32Array): Part {
  const indices = tf.tensor1d(chosen, 'int32');
  if (!('dense' in part)) return tf.gather(part, indices);
  const { groups, places } = part.ones;
  const own = new Int32Array(chosen.length * groups);
  chosen.forEach((row, at) => {
    own.set(places.subarray(row * groups, (row + 1) * groups), at * groups);
  });
  return {
    ...part,
    shape: [chosen.length, part.shape[1]],
    numbers: tf.gather(part.numbers, indices),
    ones: onesAt(own, groups),
    dense: () => tf.gather(part.dense(), indices),
  };
}

/** Columns `from` to `end`: whole parts as they are, others cut. */
export function cut(parts: readonly Part[], from: number, end: number): Part[] {
  let at = 0;
  return parts.flatMap((part) => {
    const [rows, width] = part.shape;
    const [first, last] = [Math.max(0, from - at), Math.min(width, end - at)];
    at += width;
    if (first >= last) return [];
    return last - first === width ? [part] : [tf.slice2d(denseOf(part), [0, first], [rows, last - first])];
  });
}
