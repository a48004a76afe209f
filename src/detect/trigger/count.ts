import type { Signatures } from '../../encode/index.js';
import { addToHistogram, type Histogram } from '../histogram.js';
import { CountingFilter, MOST_COUNT } from '../ledger/counting-filter.js';
import { type CodedRows, countCells, type RowItems } from './row-items.js';
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
  /** How many rows have each pair of values, each patch. */
  readonly cells: Uint32Array;
}

/** Shards in path order. */
export type VisitShards = (visit: (rows: ItemRows, path: string) => void) => Promise<void>;

/** What the rows that are counted carry, shard by shard. */
export interface ItemSource {
  /** `visit` keeps nothing of what it is given. */
  visitCoded(visit: (coded: CodedRows) => void): Promise<void>;
  visitIds(visit: (ids: Float64Array) => void): Promise<void>;
}

/**
 * Counts what the rows of a batch carry, in memory that does not grow with them: shards are read one after the other, and
 * more than once. Of the items in all rows only those are tested that could be rejected at `level` (Tarone 1990): how
 * many there are is bounded by how often anything was counted at all, so nothing has to be known of the others.
 */
export async function countBatch(source: ItemSource, trusted: TrustedItems, level: number): Promise<BatchItems> {
  const { space } = trusted;
  const cells = new Uint32Array(space.cells);
  let [rows, hashes] = [0, 0];
  await source.visitCoded((coded) => {
    rows += coded.rows;
    hashes += coded.starts.at(-1) ?? 0;
    countCells(space, coded, cells);
  });
  const bound = testsOf(trusted, { rows, hashes, cells }, level);
  const totals = await countHashes(source, hashes, Math.min(bound.leastTotal, MOST_COUNT));
  cells.forEach((count, cell) => {
    if (count >= bound.leastTotal) totals.set(-1 - cell, count);
  });
  const items = [...totals]
    .map(([item, own]) => ({ item, rows: own, trustedRows: trustedCount(trusted, item) }))
    .filter((one) => one.rows >= bound.leastTotal);
  return { rows, trustedRows: trusted.rows, items, cells, ...bound };
}

/** How many rows carry what at least `enough` of them do, and perhaps a little else. */
async function countHashes(source: ItemSource, hashes: number, enough: number): Promise<Histogram> {
  const filter = new CountingFilter(hashes, enough);
  await source.visitIds((ids) => filter.addAll(ids));
  const totals: Histogram = new Map();
  await source.visitIds((ids) => {
    for (const at of filter.placesOf(ids, enough)) addToHistogram(totals, ids[at] as number);
  });
  return totals;
}

/** The least total that can be rejected when as many items are paid for as can have it: of cells it is known how many do. */
function testsOf(
  trusted: TrustedItems,
  { rows, hashes, cells }: { readonly rows: number; readonly hashes: number; readonly cells: Uint32Array },
  level: number,
): Pick<BatchItems, 'tests' | 'leastTotal'> {
  const ofHashes = hashes + trusted.sketch.reduce((sum, count) => sum + count, 0) / 2;
  const all = rows + trusted.rows;
  const cellsWith = cellsByTotal(trusted.cells, cells, rows);
  for (let total = 1, chance = rows / all; total <= rows; total++) {
    const tests = (cellsWith[total] as number) + ofHashes / total;
    if (chance * tests <= level) return { tests: Math.max(1, Math.ceil(tests)), leastTotal: total };
    chance *= (rows - total) / (all - total);
  }
  return { tests: 1, leastTotal: Infinity };
}

/** Total → how many cells so many rows have or more, batch and trusted rows together, up to `most`. */
function cellsByTotal(trusted: Uint32Array, batch: Uint32Array, most: number): Float64Array {
  const having = new Float64Array(most + 2);
  batch.forEach((count, cell) => {
    const total = Math.min(most, count + (trusted[cell] as number));
    having[total] = (having[total] as number) + 1;
  });
  for (let total = most - 1; total > 0; total--)
    having[total] = (having[total] as number) + (having[total + 1] as number);
  return having;
}
