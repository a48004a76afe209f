import type { Table } from 'apache-arrow';
import { highHalf, lowHalf } from '../../encode/index.js';
import type { Matrix } from '../../linear/index.js';
import { type ClassLikeness, classLikeness } from './likeness.js';
import { countCells, readItems } from './row-items.js';
import type { ItemSpace } from './space.js';

/** What was counted of all trusted rows. Plain data. */
export interface TrustedItems {
  readonly space: ItemSpace;
  readonly rows: number;
  /** Two places for each hash (a plain count–min sketch): counts may be too high, which hides, and are never too low. */
  readonly sketch: Uint32Array;
  /** One count a cell. */
  readonly cells: Uint32Array;
  readonly likeness: ClassLikeness;
}

/** Trusted rows as read and as encoded. */
export interface CountedRows {
  readonly table: Table;
  readonly features: Matrix;
  readonly labels: Int32Array;
  readonly classes: number;
}

const LEAST_SLOTS = 1024;
const MOST_SLOTS = 2 ** 20;
/** Rows whose items are in memory at once. */
const CHUNK_ROWS = 2048;

export function countTrusted(space: ItemSpace, trusted: CountedRows): TrustedItems {
  const { table, features, labels, classes } = trusted;
  const chunks: Float64Array[] = [];
  const cells = new Uint32Array(space.cells);
  for (let from = 0; from < table.numRows; from += CHUNK_ROWS) {
    const items = readItems(space, table.slice(from, from + CHUNK_ROWS));
    chunks.push(items.ids);
    countCells(space, items, cells);
  }
  const occurrences = chunks.reduce((sum, { length }) => sum + length, 0);
  const slots = Math.min(MOST_SLOTS, Math.max(LEAST_SLOTS, 2 ** Math.ceil(Math.log2(occurrences + 1))));
  const sketch = new Uint32Array(2 * slots);
  for (const ids of chunks) {
    for (const id of ids) {
      const [a, b] = placesOf(id, slots);
      sketch[a] = (sketch[a] as number) + 1;
      sketch[b] = (sketch[b] as number) + 1;
    }
  }
  return { space, rows: table.numRows, sketch, cells, likeness: classLikeness(features, labels, classes) };
}

/** Trusted rows that carry an item: a hash, or −1 − cell. */
export function trustedCount({ sketch, cells }: TrustedItems, item: number): number {
  if (item < 0) return cells[-1 - item] as number;
  const [a, b] = placesOf(item, sketch.length / 2);
  return Math.min(sketch[a] as number, sketch[b] as number);
}

/**
 * In how many trusted rows an item that none carries is taken to be: in more than so many it is with a probability of
 * `missed` at most, as its places are anywhere.
 */
export function countOfNew({ sketch }: Pick<TrustedItems, 'sketch'>, missed: number): number {
  const slots = sketch.length / 2;
  const shareAbove = (from: number, count: number) =>
    sketch.subarray(from, from + slots).reduce((sum, own) => sum + (own > count ? 1 : 0), 0) / slots;
  let count = 0;
  while (shareAbove(0, count) * shareAbove(slots, count) > missed) count++;
  return count;
}

function placesOf(id: number, slots: number): readonly [number, number] {
  const high = highHalf(id);
  return [lowHalf(id, high) & (slots - 1), slots + (high & (slots - 1))];
}
