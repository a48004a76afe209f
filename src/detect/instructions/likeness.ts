import { productWith, sumRows, type WordVectors } from './word-vectors.js';

/** Standard deviations of a mean rank by which it may be too low. */
const BOUND_DEVIATIONS = 2;
const LEAST_DEVIATION = 0.05;

/**
 * How much more some prompts are like a group of prompts than other prompts are: the chance that one of `rows` is more
 * like the group than one that is in neither, as an upper bound. Near .5 for prompts that were drawn at random, near 1
 * for prompts on one subject. A row of the group is compared with the others of it.
 */
export function likenessBound(prompts: WordVectors, rows: Int32Array, group: Int32Array): number {
  const isApart = new Uint8Array(prompts.rows).fill(1);
  const isInGroup = new Set(group);
  for (const row of rows) isApart[row] = 0;
  for (const row of group) isApart[row] = 0;
  const sum = sumRows(prompts, group);
  const others: number[] = [];
  isApart.forEach((apart, row) => {
    if (apart === 1) others.push(productWith(prompts, row, sum) / group.length);
  });
  const sorted = Float64Array.from(others).sort();
  const ranks = Array.from(rows, (row) => {
    const square = squareOf(prompts, row);
    // What asks for nothing else asks for the same.
    if (square === 0) return 1;
    const product = productWith(prompts, row, sum);
    const mean = isInGroup.has(row) ? (product - square) / (group.length - 1) : product / group.length;
    return rankIn(sorted, mean);
  });
  const mean = ranks.reduce((total, rank) => total + rank, 0) / ranks.length;
  const variance = ranks.reduce((total, rank) => total + (rank - mean) ** 2, 0) / ranks.length;
  return mean + (BOUND_DEVIATIONS * Math.max(LEAST_DEVIATION, Math.sqrt(variance))) / Math.sqrt(ranks.length);
}

function squareOf({ starts, weights }: WordVectors, row: number): number {
  let square = 0;
  for (let k = starts[row] as number; k < (starts[row + 1] as number); k++) square += (weights[k] as number) ** 2;
  return square;
}

/** Share of values below, those that are equal counted half. */
function rankIn(sorted: Float64Array, value: number): number {
  const below = countWhile(sorted, (other) => other < value);
  const upTo = countWhile(sorted, (other) => other <= value);
  return (below + upTo) / (2 * Math.max(1, sorted.length));
}

/** How many of ascending values come before the first that fails. */
function countWhile(sorted: Float64Array, holds: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(sorted[middle] as number)) low = middle + 1;
    else high = middle;
  }
  return low;
}
