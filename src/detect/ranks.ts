import { lowerBound, upperBound } from '../linear/index.js';

const LEAST_DEVIATION = 0.05;
/** Of boundMean. */
export const STANDARD_ERRORS = 2;

/** Share of scores below it, half of the equal ones counted. */
export function rankAmong(ascending: Float64Array, score: number): number {
  if (ascending.length === 0) return 1;
  return (lowerBound(ascending, score) + upperBound(ascending, score)) / (2 * ascending.length);
}

/** An upper bound of the mean rank of rows of which these are some: two standard errors above theirs. */
export function boundMean(ranks: Float64Array): number {
  const { length } = ranks;
  const mean = meanOf(ranks);
  const variance = ranks.reduce((sum, one) => sum + (one - mean) ** 2, 0) / Math.max(1, length - 1);
  return mean + (STANDARD_ERRORS * Math.max(Math.sqrt(variance), LEAST_DEVIATION)) / Math.sqrt(Math.max(1, length));
}

export function meanOf(values: Float64Array): number {
  return values.reduce((sum, one) => sum + one, 0) / Math.max(1, values.length);
}
