import { MIN_BLOCKS } from '../../baseline/index.js';
import type { DripRecord } from './records.js';

/** Of the source's own error. */
const ERRORS = 4;
/** Of the spread between the others, which so few of them know badly: with 4, twice as many uneven sources are accused. */
const SPREADS = 8;
/** Makes the median absolute deviation the standard deviation of a normal law. */
const NORMAL_MAD = 1.4826;

/**
 * Sources differ for good reasons as well, and in the long run every difference beyond the tolerance is certain. So a
 * source must also stand out from how the others differ among themselves, where there are five to tell. Medians weighted
 * by rows: neither a second poisoner nor a crowd of small names can widen the spread.
 */
export function standsOut(own: DripRecord, others: readonly DripRecord[]): boolean {
  if (others.length < MIN_BLOCKS) return true;
  const rates = others.map(({ excess, rows }) => ({ value: excess.value / rows, rows }));
  const centre = weightedMedian(rates);
  const distances = rates.map(({ value, rows }) => ({ value: Math.abs(value - centre), rows }));
  const errors = others.map(({ excess, rows }) => ({ value: excess.variance / rows ** 2, rows }));
  const between = Math.max(0, (NORMAL_MAD * weightedMedian(distances)) ** 2 - weightedMedian(errors));
  const ownError = own.excess.variance / own.rows ** 2;
  return own.excess.value / own.rows - centre >= Math.sqrt(SPREADS ** 2 * between + ERRORS ** 2 * ownError);
}

/** The least value at or below which lies half of the rows. */
function weightedMedian(values: readonly { readonly value: number; readonly rows: number }[]): number {
  const sorted = [...values].sort((a, b) => a.value - b.value);
  const half = sorted.reduce((sum, { rows }) => sum + rows, 0) / 2;
  let below = 0;
  for (const { value, rows } of sorted) {
    below += rows;
    if (below >= half) return value;
  }
  return 0;
}
