import type { Encoder } from '../../encode/index.js';
import { type Matrix, multiply } from '../../linear/index.js';
import { likeliestClass } from '../class-probabilities.js';
import { commonest, countEach } from '../histogram.js';
import { boundMean, rankAmong } from '../ranks.js';

/** A model that classifies rows. */
export interface BlindModel {
  readonly encoder: Encoder;
  /** dims × classes. */
  readonly weights: Matrix;
}

/** How labels fit a model that cannot see what their rows have in common. */
export interface Contradiction {
  /** An upper bound of the mean rank of the rows' class score among rows of other classes: .5 is chance, 1 is clear. */
  readonly bound: number;
  /** Rows that look like another class. */
  readonly contradicted: number;
  /** Their commonest class; null where there are none. */
  readonly looksLike: number | null;
  readonly rows: number;
}

/** Features of rows of class `target`, and of rows of other classes. */
export function contradict(features: Matrix, weights: Matrix, strangers: Matrix, target: number): Contradiction {
  const scores = multiply(features, weights);
  const reference = columnOf(multiply(strangers, weights), target).sort();
  const ranks = columnOf(scores, target).map((score) => rankAmong(reference, score));
  const { length } = ranks;
  const others = Array.from({ length }, (_, row) => likeliestClass(scores, row)).filter((called) => called !== target);
  return {
    bound: boundMean(ranks),
    contradicted: others.length,
    looksLike: commonest(countEach(others)) ?? null,
    rows: length,
  };
}

function columnOf({ data, rows, cols }: Matrix, column: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => data[row * cols + column] as number);
}
