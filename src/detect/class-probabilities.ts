import type { Matrix } from '../linear/index.js';

/** Where a temperature is searched: of ridge scores, which lie about 0 and 1, and of log probabilities. */
export const RIDGE_TEMPERATURES = [0.01, 2] as const;
export const GIVEN_TEMPERATURES = [0.1, 10] as const;

/** Below this a model's probability says nothing more: bounds what one row can add. */
export const LEAST_PROBABILITY = 1e-4;

/** The softmax temperature of least log loss, by golden-section search over its logarithm. */
export function searchTemperature(
  scores: Matrix,
  labels: Int32Array,
  [least, greatest]: readonly [number, number],
): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  const loss = (logTemperature: number) => logLoss(scores, labels, Math.exp(logTemperature));
  let low = Math.log(least);
  let high = Math.log(greatest);
  for (let step = 0; step < 20; step++) {
    const width = (high - low) * ratio;
    if (loss(high - width) < loss(low + width)) high = low + width;
    else low = high - width;
  }
  return Math.exp((low + high) / 2);
}

/** Of the softmax of `scores`; a label below 0 counts for nothing. */
export function logLoss(scores: Matrix, labels: Int32Array, temperature = 1): number {
  let sum = 0;
  for (let row = 0; row < scores.rows; row++) {
    const label = labels[row] as number;
    if (label < 0) continue;
    const probability = 1 / (1 + oddsOfOthers(label, scores, row, temperature));
    sum -= Math.log(Math.max(probability, LEAST_PROBABILITY));
  }
  return sum;
}

/** How many times as probable all other classes are: at millions of rows an array for each would cost more than all else. */
export function oddsOfOthers(label: number, { data, cols }: Matrix, row: number, temperature = 1): number {
  const at = row * cols;
  const own = data[at + label] as number;
  let odds = 0;
  for (let c = 0; c < cols; c++) if (c !== label) odds += Math.exp(((data[at + c] as number) - own) / temperature);
  return odds;
}

export function likeliestClass({ data, cols }: Matrix, row: number): number {
  let best = 0;
  for (let c = 1; c < cols; c++) {
    if ((data[row * cols + c] as number) > (data[row * cols + best] as number)) best = c;
  }
  return best;
}

export function scaled(scores: Matrix, factor: number): Matrix {
  return { ...scores, data: scores.data.map((score) => score * factor) };
}
