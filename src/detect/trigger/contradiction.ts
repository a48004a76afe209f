import type { Encoder } from '../../encode/index.js';
import { lowerBound, type Matrix, multiply } from '../../linear/index.js';
import { commonest, countEach } from '../histogram.js';

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

const LEAST_DEVIATION = 0.05;
const STANDARD_ERRORS = 2;

/** Features of rows of class `target`, and of rows of other classes. */
export function contradict(features: Matrix, weights: Matrix, strangers: Matrix, target: number): Contradiction {
  const scores = multiply(features, weights);
  const reference = columnOf(multiply(strangers, weights), target).sort();
  const ranks = columnOf(scores, target).map((score) => rankOf(reference, score));
  const { length } = ranks;
  const rank = ranks.reduce((sum, one) => sum + one, 0) / Math.max(1, length);
  const variance = ranks.reduce((sum, one) => sum + (one - rank) ** 2, 0) / Math.max(1, length - 1);
  const others = Array.from({ length }, (_, row) => greatest(scores, row)).filter((called) => called !== target);
  return {
    bound: rank + (STANDARD_ERRORS * Math.max(Math.sqrt(variance), LEAST_DEVIATION)) / Math.sqrt(Math.max(1, length)),
    contradicted: others.length,
    looksLike: commonest(countEach(others)) ?? null,
    rows: length,
  };
}

function columnOf({ data, rows, cols }: Matrix, column: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => data[row * cols + column] as number);
}

/** Share of scores below it, half of the equal ones counted. */
function rankOf(ascending: Float64Array, score: number): number {
  if (ascending.length === 0) return 1;
  const below = lowerBound(ascending, score);
  let equal = 0;
  while (ascending[below + equal] === score) equal++;
  return (below + equal / 2) / ascending.length;
}

function greatest({ data, cols }: Matrix, row: number): number {
  let best = 0;
  for (let c = 1; c < cols; c++) {
    if ((data[row * cols + c] as number) > (data[row * cols + best] as number)) best = c;
  }
  return best;
}
