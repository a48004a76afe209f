import type { Matrix } from '../linear/index.js';
import { logLoss } from './class-probabilities.js';

/** Shares that are tried. */
const SHARES = [0, 0.2, 0.35, 0.5, 0.65, 0.8, 1];

/** The share of `more` at which the log loss is least: trees see edges and words by themselves, ridges see sums, and which it takes differs. */
export function bestShare(others: Matrix, more: Matrix | null, labels: Int32Array): number {
  if (more === null) return 0;
  const losses = SHARES.map((share) => logLoss(mixOdds(others, more, share), labels));
  return SHARES[losses.indexOf(Math.min(...losses))] as number;
}

/** Log odds of both, by shares: where either is sure that it is no class, so is the mixture. */
export function mixOdds(others: Matrix, more: Matrix | null, share: number): Matrix {
  if (more === null || share === 0) return others;
  return { ...others, data: others.data.map((odds, at) => (1 - share) * odds + share * (more.data[at] as number)) };
}
