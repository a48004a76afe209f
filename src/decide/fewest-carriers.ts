import { type BatchItems, countOfNew, STANDARD_ERRORS, type TrustedItems, triggerBound } from '../detect/index.js';
import { hypergeometricTail, normalUpperQuantile } from './significance/distributions.js';
import { MOST_SHARE } from './trigger-candidates.js';

/** Found in four of five cases; what is missed is missed by chance in three ways. */
const MISSED = 0.2 / 3;
/**
 * A trigger brings more than itself to be paid for: a word its pairs with the words beside it, a value its pairs with all
 * other columns, a patch all that overlap it. This is what the largest bring.
 */
const OWN_ITEMS = 512;
/** Of the ranks of rows that carry the labels of others: they are uniform. */
const RANK_MEAN = 0.5;
const RANK_DEVIATION = Math.sqrt(1 / 12);

/**
 * The least rows of a batch in which an item is found that no trusted row carries, when all these rows have one label and
 * look, without the item, as rows of other labels do; null when no number of them is. It has to be counted, which may be
 * among some of the rows only, and more of it than a draw would put into the batch; and its labels have to contradict.
 */
export function fewestCarriers(
  counted: Omit<BatchItems, 'cells' | 'items'>,
  trusted: TrustedItems,
  batchRows: number,
  level: number,
): number | null {
  const { rows, trustedRows, tests, leastTotal } = counted;
  const ofNew = countOfNew(trusted, MISSED);
  const most = Math.floor(MOST_SHARE * rows);
  const chanceOf = (count: number) => hypergeometricTail(count, rows, count + ofNew, rows + trustedRows);
  const least = Math.max(leastTotal, fewestContradicting(triggerBound(trusted.space)));
  for (let count = least; count <= most; count++) {
    if ((tests + OWN_ITEMS) * chanceOf(count) <= level) return fewestDrawnFrom(count, rows / batchRows);
  }
  return null;
}

/** So many uniform ranks have a mean whose upper bound lies below `bound`. */
function fewestContradicting(bound: number): number {
  const errors = STANDARD_ERRORS + normalUpperQuantile(MISSED);
  return Math.ceil(((errors * RANK_DEVIATION) / (bound - RANK_MEAN)) ** 2);
}

/** The least N of which a draw of this share of all rows holds `count`: N·share − z·√(N·share·(1 − share)) ≥ count. */
function fewestDrawnFrom(count: number, share: number): number {
  if (share >= 1) return count;
  const spread = normalUpperQuantile(MISSED) * Math.sqrt(1 - share);
  return Math.ceil(((spread + Math.sqrt(spread ** 2 + 4 * count)) / 2) ** 2 / share);
}
