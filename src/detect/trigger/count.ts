import type { Signatures } from '../../encode/index.js';
import { addToHistogram } from '../histogram.js';
import { CountingFilter, MOST_COUNT } from '../ledger/counting-filter.js';
import { countCells, type RowItems } from './row-items.js';
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
/** Only what their rows carry. */
export type VisitItems = (visit: (items: RowItems) => void) => Promise<void>;

/**
 * Counts what the rows of a batch carry, in memory that does not grow with them: shards are read one after the other,
 * twice. Of the items in all rows only those are tested that could be rejected at `level` (Tarone 1990): how many there
 * are is bounded by how often anything was counted at all, so nothing has to be known of the others.
 */
export async function countBatch(visitAll: VisitItems, trusted: TrustedItems, level: number): Promise<BatchItems> {
  const { space } = trusted;
  const cells = new Uint32Array(space.cells);
  let [rows, hashes] = [0, 0];
  await visitAll((items) => {
    rows += items.rows;
    hashes += items.ids.length;
  });
  const filter = new CountingFilter(hashes);
  await visitAll((items) => {
    filter.addAll(items.ids);
    countCells(space, items, cells);
  });
  const sizes = { rows, trustedRows: trusted.rows };
  const bound = testsOf(trusted, { rows, hashes, cells }, level);
  const totals = await countHashes(visitAll, filter, Math.min(bound.leastTotal, MOST_COUNT));
  cells.forEach((count, cell) => {
    if (count >= bound.leastTotal) totals.set(-1 - cell, count);
  });
  const items = [...totals]
    .map(([item, own]) => ({ item, rows: own, trustedRows: trustedCount(trusted, item) }))
    .filter((one) => one.rows >= bound.leastTotal);
  return { ...sizes, items, ...bound };
}

async function countHashes(visitAll: VisitItems, filter: CountingFilter, enough: number): Promise<Map<number, number>> {
  const totals = new Map<number, number>();
  await visitAll(({ ids }) => {
    for (const at of filter.placesOf(ids, enough)) addToHistogram(totals, ids[at] as number);
  });
  return totals;
}

/** The least total that can be rejected when as many items are paid for as can have it. */
function testsOf(
  trusted: TrustedItems,
  { rows, hashes, cells }: { rows: number; hashes: number; cells: Uint32Array },
  level: number,
): Pick<BatchItems, 'tests' | 'leastTotal'> {
  const ofCells = cells.reduce((sum, count) => sum + count, 0) + trusted.cells.reduce((sum, count) => sum + count, 0);
  const ofHashes = hashes + trusted.sketch.reduce((sum, count) => sum + count, 0) / 2;
  const all = rows + trusted.rows;
  for (let total = 1, chance = rows / all; total <= rows; total++) {
    const tests = Math.min(cells.length, ofCells / total) + ofHashes / total;
    if (chance * tests <= level) return { tests: Math.max(1, Math.ceil(tests)), leastTotal: total };
    chance *= (rows - total) / (all - total);
  }
  return { tests: 1, leastTotal: Infinity };
}
