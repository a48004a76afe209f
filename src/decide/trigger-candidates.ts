import type { BatchItems, CountedItem } from '../detect/index.js';
import { hypergeometricTail } from './significance/distributions.js';

/** An item that more rows of the batch carry than trusted rows allow for. */
export interface TriggerCandidate extends CountedItem {
  /** Paid for by all items that could have been rejected. */
  readonly pValue: number;
}

/** The most improbable ones alone are looked at further. */
const MOST_CANDIDATES = 256;
/** What most rows carry is no item of theirs. */
export const MOST_SHARE = 0.5;

/**
 * Items of which more carriers are in the batch than a draw without replacement would put there, by p-value: exact when
 * batch and trusted rows are exchangeable. Whether such an item is a trigger, its carriers have to tell.
 */
export function testTriggers(
  { rows, trustedRows, items, tests }: Omit<BatchItems, 'cells'>,
  level: number,
): TriggerCandidate[] {
  return items
    .filter((one) => one.rows <= MOST_SHARE * rows && one.rows * trustedRows > one.trustedRows * rows)
    .map((one) => {
      const chance = hypergeometricTail(one.rows, rows, one.rows + one.trustedRows, rows + trustedRows);
      return { ...one, pValue: Math.min(1, tests * chance) };
    })
    .filter(({ pValue }) => pValue <= level)
    .sort((a, b) => a.pValue - b.pValue || b.rows - a.rows || a.item - b.item)
    .slice(0, MOST_CANDIDATES);
}
