import type { CopyRows, CopySort, ItemCounts, LedgerDetector } from '../detect/index.js';
import { hypergeometricTail } from './significance/distributions.js';
import { benjaminiHochberg } from './significance/multiplicity.js';

/** Many groups of copies that together are more frequent in the batch than trusted rows allow for. */
export interface RejectedCopies {
  readonly detector: LedgerDetector;
  readonly counts: ItemCounts;
  readonly sort: CopySort;
  readonly copies: CopyRows;
  readonly pValue: number;
  /** Rows beyond what the trusted rows let expect. */
  readonly excess: number;
  /** Where they are too many; all with such rows where no shard stands out. */
  readonly shards: ReadonlySet<string>;
}

export interface CopyFamily {
  readonly pValue: number;
  readonly rejected: readonly RejectedCopies[];
}

const SORTS: readonly CopySort[] = ['repeated', 'contradicted'];
/** The batch as a whole, and its shards. */
const TESTS = 2;
/** Trusted copies with labels, so many that they show how often labels of copies contradict one another. */
const LEAST_TRUSTED_COPIES = 30;

/**
 * Tests whether rows in small groups of copies, and rows whose copies contradict their labels, are more frequent in the
 * batch, or in one of its shards, than among the trusted rows. Which rows count depends on all rows together; so their
 * number in the batch is hypergeometric when batch and trusted rows are exchangeable. Copies that come in bursts are
 * dealt out by the burst: the law is that of so many fewer independent rows as groups are seen to vary more.
 */
export function testCopies(detector: LedgerDetector, counts: ItemCounts, tolerance: number, level: number): CopyFamily {
  const tested = SORTS.map((sort) => ({ sort, pValue: Math.min(1, SORTS.length * pValueOf(sort, counts, tolerance)) }));
  return {
    pValue: Math.min(1, ...tested.map(({ pValue }) => pValue)),
    rejected: tested
      .filter(({ pValue }) => pValue <= level)
      .map(({ sort, pValue }) => {
        const copies = counts.copies[sort];
        const excess = copies.rows - (copies.trustedRows * counts.rows) / counts.trustedRows;
        const shards = shardsOf(copies, counts, tolerance, level);
        return { detector, counts, sort, copies, pValue, excess, shards };
      }),
  };
}

function pValueOf(sort: CopySort, counts: ItemCounts, tolerance: number): number {
  const { copied } = counts.copies;
  const among = tailOf(counts.copies[sort], counts, counts, tolerance);
  // A file that was sent twice has more copies, and no more of them contradict one another.
  const isKnown = sort === 'contradicted' && copied.trustedRows >= LEAST_TRUSTED_COPIES;
  return isKnown ? Math.max(among, tailOf(counts.copies[sort], copied, counts, tolerance)) : among;
}

/**
 * Sorted batches bring all their copies in one shard: a shard has too many only where it alone has more than the whole
 * batch is allowed. That is one test for all shards together.
 */
function tailOf(
  { rows, trustedRows, spread, shards }: CopyRows,
  among: Pick<ItemCounts, 'rows' | 'trustedRows'>,
  counts: ItemCounts,
  tolerance: number,
): number {
  const whole = rows - Math.floor(tolerance * counts.rows);
  const worst = [...shards].reduce(
    (most, [path, own]) => Math.max(most, own - toleratedIn(path, counts, tolerance)),
    0,
  );
  const least = Math.floor(Math.max(whole, worst) / spread);
  const scaled = (value: number) => Math.round(value / spread);
  const marked = scaled(rows + trustedRows);
  return Math.min(
    1,
    TESTS * hypergeometricTail(least, scaled(among.rows), marked, scaled(among.rows + among.trustedRows)),
  );
}

function toleratedIn(path: string, { shardRows }: ItemCounts, tolerance: number): number {
  return Math.floor(tolerance * (shardRows.get(path) ?? 0));
}

function shardsOf(
  { shards, trustedRows }: CopyRows,
  counts: ItemCounts,
  tolerance: number,
  level: number,
): Set<string> {
  const paths = [...shards.keys()];
  const pValues = paths.map((path) => {
    const own = shards.get(path) ?? 0;
    const rows = counts.shardRows.get(path) ?? 0;
    const least = own - toleratedIn(path, counts, tolerance);
    return hypergeometricTail(least, rows, own + trustedRows, rows + counts.trustedRows);
  });
  const qValues = benjaminiHochberg(pValues);
  const named = paths.filter((_, index) => (qValues[index] as number) <= level);
  return new Set(named.length > 0 ? named : paths);
}
