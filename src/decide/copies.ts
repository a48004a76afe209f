import type { CopyCounts, CopyRows, CopySort, ItemCounts, LedgerDetector } from '../detect/index.js';
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

const SORTS: readonly CopySort[] = ['repeated', 'contradicted', 'belied'];
/** The batch as a whole, and its shards. */
const TESTS = 2;
/** Trusted copies with labels, so many that they show how often labels of copies contradict one another. */
const LEAST_TRUSTED_COPIES = 30;

/**
 * Tests whether rows in small groups of copies, rows whose copies contradict their labels, and rows whose trusted copies do,
 * are more frequent in the batch, or in one of its shards, than among the trusted rows. Which rows count depends on all
 * rows together; so their number in the batch is hypergeometric when batch and trusted rows are exchangeable. Copies that
 * come in bursts are dealt out by the burst: the law is that of so many fewer independent rows as groups are seen to vary
 * more.
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
        const shards =
          sort === 'belied' ? shardsBeyond(copies, counts, tolerance) : shardsOf(copies, counts, tolerance, level);
        return { detector, counts, sort, copies, pValue, excess, shards };
      }),
  };
}

function pValueOf(sort: CopySort, counts: ItemCounts, tolerance: number): number {
  const { copies } = counts;
  const own = sort === 'belied' ? copies.belied.ofGroups : copies[sort];
  const usual = usualOf(sort, copies);
  const alone = tailOf(own, counts, counts, tolerance);
  return usual === undefined ? alone : Math.max(alone, tailOf(usual.own, usual.among, counts, tolerance));
}

/** How often labels of trusted copies contradict one another: a file that was sent twice has more copies, and no more do. */
function usualOf(
  sort: CopySort,
  { contradicted, belied, copied }: CopyCounts,
): { readonly own: CopyRows; readonly among: Pick<CopyRows, 'rows' | 'trustedRows'> } | undefined {
  if (sort === 'contradicted') {
    return copied.trustedRows >= LEAST_TRUSTED_COPIES ? { own: contradicted, among: copied } : undefined;
  }
  const { amongTrusted, ofGroups, vouched } = belied;
  if (sort !== 'belied' || amongTrusted.rows < LEAST_TRUSTED_COPIES) return undefined;
  const own = { ...belied, spread: ofGroups.spread, trustedRows: Math.ceil(amongTrusted.belied) };
  return { own, among: { rows: vouched, trustedRows: amongTrusted.rows } };
}

/**
 * As if as many of the batch's rows as are tolerated were not there, or, where all copies come in one shard because the batch
 * is sorted, by that shard: it has too many only where it alone has more than the whole batch may have. That is one test for
 * all shards together.
 */
function tailOf(
  { rows, trustedRows, spread, shards }: CopyRows,
  among: Pick<ItemCounts, 'rows' | 'trustedRows'>,
  counts: ItemCounts,
  tolerance: number,
): number {
  const marked = rows + trustedRows;
  const scaled = (value: number) => Math.round(value / spread);
  const tail = (least: number, of: number) =>
    hypergeometricTail(
      Math.floor(least / spread),
      scaled(among.rows),
      scaled(of),
      scaled(among.rows + among.trustedRows),
    );
  const tolerated = Math.min(rows, Math.floor(tolerance * counts.rows));
  const inOne = [...shards].map(([path, own]) => own - toleratedIn(path, counts, tolerance));
  const worst = inOne.reduce((most, own) => Math.max(most, own), 0);
  return Math.min(1, TESTS * Math.min(tail(rows - tolerated, marked - tolerated), tail(worst, marked)));
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

/** Those with more than is tolerated and the trusted rows let expect: each of their rows is belied by one that is known. */
function shardsBeyond({ shards, trustedRows }: CopyRows, counts: ItemCounts, tolerance: number): Set<string> {
  const usual = trustedRows / counts.trustedRows;
  const isBeyond = ([path, own]: readonly [string, number]) =>
    own > toleratedIn(path, counts, tolerance) + usual * (counts.shardRows.get(path) ?? 0);
  const beyond = [...shards].filter(isBeyond);
  return new Set((beyond.length > 0 ? beyond : [...shards]).map(([path]) => path));
}
