import * as tf from '@tensorflow/tfjs-core';
import type { Matrix } from './matrix.js';
import { residentScope } from './products.js';

/** Square pictures, the channels of a pixel side by side, shrunk before anything is made of them. */
export interface Pictures {
  /** Pixels a side. */
  readonly side: number;
  readonly channels: number;
  /** Squares of so many pixels a side become one. */
  readonly shrink: number;
}

/** Square filters that are laid over pictures. Plain data. */
export interface FilterBank extends Pictures {
  /** Pixels a side of a filter. */
  readonly size: number;
  /** From one place to the next. */
  readonly stride: number;
  /** (size · size · channels) × filters. */
  readonly weights: Matrix;
  /** What each filter answers at half of all places. */
  readonly middles: Float32Array;
}

/** Parts of a picture a side, over each of which answers are averaged. */
const POOLS = 3;
/** Pictures at a time: the answers of more take memory and no less time. */
const MOST_PICTURES = 256;

export function shrunkSide({ side, shrink }: Pictures): number {
  return Math.floor(side / shrink);
}

/** pictures × cells to pictures × (shrunk side · shrunk side · channels). */
export function shrinkPictures(shape: Pictures, pictures: Matrix): Matrix {
  if (shape.shrink === 1) return pictures;
  return mapPictures(pictures, shrunkSide(shape) ** 2 * shape.channels, (cells, count) => shrunk(shape, cells, count));
}

/**
 * How far filters answer above their middles, and how far below, on average over each part of a picture: pictures × width.
 * Source: Coates and Ng, Learning Feature Representations with K-means (2012), section 4.
 */
export function poolResponses(bank: FilterBank, pictures: Matrix): Matrix {
  const { channels, size, stride, weights, middles } = bank;
  const places = Math.floor((shrunkSide(bank) - size) / stride) + 1;
  const pool = Math.ceil(places / POOLS);
  const mean = (answers: tf.Tensor4D) => tf.avgPool(tf.relu(answers), pool, pool, 'same');
  const width = 2 * weights.cols * Math.ceil(places / pool) ** 2;
  return mapPictures(pictures, width, (cells, count) => {
    const filters = tf.tensor4d(weights.data, [size, size, channels, weights.cols]);
    const answers = tf.conv2d(shrunk(bank, cells, count), filters, stride, 'valid');
    const above = tf.sub(answers, tf.tensor1d(middles)) as tf.Tensor4D;
    return tf.concat([mean(above), mean(tf.neg(above))], 3);
  });
}

function shrunk({ side, channels, shrink }: Pictures, cells: Float32Array, count: number): tf.Tensor4D {
  const pictures = tf.tensor4d(cells, [count, side, side, channels]);
  return shrink === 1 ? pictures : tf.avgPool(pictures, shrink, shrink, 'valid');
}

function mapPictures(
  { rows, cols: cells, data }: Matrix,
  cols: number,
  compute: (cells: Float32Array, count: number) => tf.Tensor,
): Matrix {
  const mapped = { rows, cols, data: new Float32Array(rows * cols) };
  for (let from = 0; from < rows; from += MOST_PICTURES) {
    const to = Math.min(rows, from + MOST_PICTURES);
    const some = data.subarray(from * cells, to * cells);
    mapped.data.set(
      residentScope(() => compute(some, to - from).dataSync()),
      from * cols,
    );
  }
  return mapped;
}
