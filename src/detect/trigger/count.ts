import type { Signatures } from '../../encode/index.js';
import { addToHistogram, type Histogram } from '../histogram.js';
import { CountingFilter, MOST_COUNT } from '../ledger/counting-filter.js';
import { cellsPerRow, countCells, type RowItems } from './row-items.js';
import { type TrustedItems, trustedCount } from './trusted.js';

/** What is known of the rows of one shard. */
export interface ItemRows {
  readonly items: RowItems;
  /** Row → class index, −1 for none. */
  readonly labels: Int32Array;
  readonly signatures: Signatures;
  readonly detectors: readonly {
    readonly kind: string;
    readonly pValue: Float64Array;
    readonly calledClass: Int32Array;
  }[];
}

export interface CountedItem {
  /** A hash, or −1 − its cell. */
  readonly item: number;
  /** Of the batch, and of the trusted rows. */
  readonly rows: number;
  readonly trustedRows: number;
}

/** The items that enough rows of a batch carry to be tested. */
export interface BatchItems {
  readonly rows: number;
  readonly trustedRows: number;
  readonly items: readonly CountedItem[];
  /** No more items than these have carriers enough, batch and trusted rows together. */
  readonly tests: number;
  /** Fewer carriers could not be rejected. */
  readonly leastTotal: number;
}

/** Shards in path order. */
export type VisitShards = (visit: (rows: ItemRows, path: string) => void) => Promise<void>;

/** What the rows of a batch carry, whichever shard they are of. */
export interface ItemSource {
  readonly rows: number;
  readonly hashes: number;
  visit(visit: (items: RowItems) => void): Promise<void>;
  visitIds(visit: (ids: Float64Array) => void): Promise<void>;
}

/**
 * Counts what the rows of a batch carry, in memory that does not grow with them: shards are read one after the other,
 * twice. Of the items in all rows only those are tested that could be rejected at `level` (Tarone 1990): how many there
 * are is bounded by how often anything was counted at all, so nothing has to be known of the others.
 */
export async function countBatch(source: ItemSource, trusted: TrustedItems, level: number): Promise<BatchItems> {
  const { space } = trusted;
  const { rows, hashes } = source;
  const bound = testsOf(trusted, { rows, hashes }, level);
  const enough = Math.min(bound.leastTotal, MOST_COUNT);
  const cells = new Uint32Array(space.cells);
  const filter = new CountingFilter(hashes, enough);
  await source.visit((items) => {
    filter.addAll(items.ids);
    countCells(space, items, cells);
  });
  const totals: Histogram = new Map();
  await source.visitIds((ids) => {
    for (const at of filter.placesOf(ids, enough)) addToHistogram(totals, ids[at] as number);
  });
  cells.forEach((count, cell) => {
    if (count >= bound.leastTotal) totals.set(-1 - cell, count);
  });
  const items = [...totals]
    .map(([item, own]) => ({ item, rows: own, trustedRows: trustedCount(trusted, item) }))
    .filter((one) => one.rows >= bound.leastTotal);
  return { rows, trustedRows: trusted.rows, items, ...bound };
}

/** The least total that can be rejected when as many items are paid for as can have it. */
function testsOf(
  trusted: TrustedItems,
  { rows, hashes }: Pick<ItemSource, 'rows' | 'hashes'>,
  level: number,
): Pick<BatchItems, 'tests' | 'leastTotal'> {
  const ofCells = (rows + trusted.rows) * cellsPerRow(trusted.space);
  const ofHashes = hashes + trusted.sketch.reduce((sum, count) => sum + count, 0) / 2;
  const all = rows + trusted.rows;
  for (let total = 1, chance = rows / all; total <= rows; total++) {
    const tests = Math.min(trusted.cells.length, ofCells / total) + ofHashes / total;
    if (chance * tests <= level) return { tests: Math.max(1, Math.ceil(tests)), leastTotal: total };
    chance *= (rows - total) / (all - total);
  }
  return { tests: 1, leastTotal: Infinity };
}
