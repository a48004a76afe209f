import type { Table, Vector } from 'apache-arrow';
import { readStrings } from '../../encode/index.js';
import { CountingFilter } from '../ledger/counting-filter.js';
import { type GramKind, seedOf, visitGrams } from '../trigger/grams.js';
import type { NumberedItems } from './pure-items.js';

/** The words of rows in order, each pair between its words. */
export interface TextRows {
  readonly rows: number;
  readonly starts: Uint32Array;
  /** Hashes, as the items of rows are. */
  readonly ids: Float64Array;
  readonly kinds: Uint8Array;
}

const KINDS: readonly GramKind[] = ['word', 'pair', 'special'];
const PAIR = KINDS.indexOf('pair');
const WORD = KINDS.indexOf('word');
/** Of all rows together: what is kept of long texts is bounded by their number. */
const MOST_IDS = 6_000_000;
const LEAST_PER_ROW = 128;

export function readTextRows(table: Table, names: readonly string[]): TextRows {
  const rows = table.numRows;
  const columns = names.map((name) => readStrings(table.getChild(name) as Vector));
  const most = Math.max(LEAST_PER_ROW, Math.floor(MOST_IDS / Math.max(1, rows)));
  const starts = new Uint32Array(rows + 1);
  const ids: number[] = [];
  const kinds: number[] = [];
  for (let row = 0; row < rows; row++) {
    const end = ids.length + most;
    columns.forEach((cells, place) => {
      visitGrams(cells[row] ?? '', seedOf(place), (id, _, kind) => {
        if (ids.length >= end) return;
        ids.push(id);
        kinds.push(KINDS.indexOf(kind));
      });
    });
    starts[row + 1] = ids.length;
  }
  return { rows, starts, ids: Float64Array.from(ids), kinds: Uint8Array.from(kinds) };
}

const NOTHING: ReadonlySet<number> = new Set();

/** Calls `visit` with what is left of a row when items go, and with them the words they are made of and all their pairs. */
export function visitWithout(
  { starts, ids, kinds }: TextRows,
  row: number,
  items: ReadonlySet<number> = NOTHING,
  visit: (id: number) => void,
): void {
  const [from, end] = [starts[row] as number, starts[row + 1] as number];
  if (items.size === 0) {
    for (let k = from; k < end; k++) visit(ids[k] as number);
    return;
  }
  const isAmong = (k: number) => items.has(ids[k] as number);
  const isPairAmong = (k: number) => k >= from && k < end && kinds[k] === PAIR && isAmong(k);
  const isWordGone = (k: number) => isAmong(k) || isPairAmong(k - 1) || isPairAmong(k + 1);
  for (let k = from; k < end; k++) {
    const isGone =
      kinds[k] === WORD ? isWordGone(k) : kinds[k] === PAIR ? isWordGone(k - 1) || isWordGone(k + 1) : isAmong(k);
    if (!isGone) visit(ids[k] as number);
  }
}

/** What texts say without such words: other words, and pairs of words side by side that are both others. */
export function withoutWords({ rows, starts, ids, kinds }: TextRows, words: ReadonlySet<number>): TextRows {
  const kept: number[] = [];
  const ends = new Uint32Array(rows + 1);
  const isGone = (at: number) => kinds[at] !== WORD || words.has(ids[at] as number);
  for (let row = 0; row < rows; row++) {
    for (let at = starts[row] as number; at < (starts[row + 1] as number); at++) {
      const isKept = kinds[at] === PAIR ? !isGone(at - 1) && !isGone(at + 1) : !isGone(at);
      if (isKept) kept.push(at);
    }
    ends[row + 1] = kept.length;
  }
  const own = (from: ArrayLike<number>) => kept.map((at) => from[at] as number);
  return { rows, starts: ends, ids: Float64Array.from(own(ids)), kinds: Uint8Array.from(own(kinds)) };
}

/** The items, and every pair that one of their words is part of. */
export function withTheirPairs({ ids, kinds }: TextRows, items: ReadonlySet<number>): ReadonlySet<number> {
  const all = new Set(items);
  ids.forEach((id, k) => {
    const isOfWord = (at: number) => kinds[at] === WORD && items.has(ids[at] as number);
    if (kinds[k] === PAIR && (isOfWord(k - 1) || isOfWord(k + 1))) all.add(id);
  });
  return all;
}

export interface NumberedGrams extends NumberedItems {
  /** Of an item by its hash. */
  kindOf(id: number): GramKind | undefined;
  /** The items of a row, each once. */
  itemsOf(row: number): Uint32Array;
}

/** The items that at least so many rows may carry. */
export function numberGrams({ rows, starts, ids, kinds }: TextRows, leastRows: number): NumberedGrams {
  const filter = new CountingFilter(ids.length, leastRows);
  filter.addAll(ids);
  const places = filter.placesOf(ids, leastRows);
  const numbers = new Map<number, number>();
  const known: number[] = [];
  const kindOf = new Map<number, GramKind | undefined>();
  const lastRow: number[] = [];
  const indices = new Uint32Array(places.length);
  const firsts = new Uint32Array(rows + 1);
  let [row, count] = [0, 0];
  for (const at of places) {
    while (at >= (starts[row + 1] as number)) firsts[++row] = count;
    const id = ids[at] as number;
    const index = numbers.get(id) ?? known.length;
    if (index === known.length) {
      numbers.set(id, index);
      known.push(id);
      kindOf.set(id, KINDS[kinds[at] as number]);
    }
    if (lastRow[index] === row) continue;
    lastRow[index] = row;
    indices[count++] = index;
  }
  firsts.fill(count, row + 1);
  const itemsOf = (of: number) => indices.subarray(firsts[of], firsts[of + 1]);
  return {
    size: known.length,
    idOf: (index) => known[index] as number,
    kindOf: (id) => kindOf.get(id),
    itemsOf,
    visitAll: (visit) => {
      for (let each = 0; each < rows; each++) visit(itemsOf(each), each);
    },
  };
}
