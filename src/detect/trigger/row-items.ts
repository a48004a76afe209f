import type { Table, Vector } from 'apache-arrow';
import { isNumeric, readNumbers, readStrings, scramble } from '../../encode/index.js';
import { codeCells } from './columns.js';
import { hash52, readGrams } from './grams.js';
import { brightBits, bytesOf, visitPatches } from './grids.js';
import type { ItemSpace } from './space.js';

/** What each row carries. Plain data. */
export interface RowItems {
  readonly rows: number;
  /** Row i carries ids[k] for starts[i] ≤ k < starts[i + 1]: words, pairs of words, values; hashes of 52 bits. */
  readonly starts: Uint32Array;
  readonly ids: Float64Array;
  /** rows × columns. */
  readonly codes: Uint8Array;
  /** Per grid, rows × bytes. */
  readonly bits: readonly Uint8Array[];
}

export const NO_ITEMS: RowItems = {
  rows: 0,
  starts: new Uint32Array(1),
  ids: new Float64Array(0),
  codes: new Uint8Array(0),
  bits: [],
};

/** Values of columns have seeds beyond those of texts. */
const VALUE_SEED = 2 ** 20;

/** The items of a table's rows; what a row carries never depends on the rows it comes with. */
export function readItems({ texts, columns, grids }: ItemSpace, table: Table): RowItems {
  const rows = table.numRows;
  const sets = Array.from({ length: rows }, () => new Set<number>());
  readGrams(table, texts, sets);
  const codes = new Uint8Array(rows * columns.length);
  columns.forEach((column, place) => {
    const cells = table.getChild(column.name) as Vector;
    codeCells(column, cells, codes, columns.length, place);
    if (column.isNumber && isNumeric(cells.type)) addNumbers(sets, readNumbers(cells), place);
    else {
      readStrings(cells).forEach((value, row) => {
        if (value !== null) sets[row]?.add(valueId(place, value));
      });
    }
  });
  const starts = new Uint32Array(rows + 1);
  sets.forEach((set, row) => {
    starts[row + 1] = (starts[row] as number) + set.size;
  });
  const ids = new Float64Array(starts[rows] as number);
  sets.forEach((set, row) => {
    ids.set([...set], starts[row]);
  });
  return { rows, starts, ids, codes, bits: grids.map((grid) => brightBits(grid, table.getChild(grid.name) as Vector)) };
}

/** Cells as text; numbers in single precision, which is all that some files keep of them. */
export function valuesOf(cells: Vector, isNumber: boolean): (string | null)[] {
  if (!isNumber || !isNumeric(cells.type)) return readStrings(cells);
  return Array.from(readNumbers(cells), (value) => (Number.isNaN(value) ? null : String(Math.fround(value))));
}

/** By their bits in single precision: a string of every cell would cost more than all detectors. */
function addNumbers(sets: readonly Set<number>[], numbers: Float64Array, place: number): void {
  const bits = new Uint32Array(Float32Array.from(numbers, (value) => value + 0).buffer);
  const [low, high] = [scramble(VALUE_SEED + place), scramble(place + 1)];
  numbers.forEach((value, row) => {
    if (Number.isNaN(value)) return;
    const word = bits[row] as number;
    sets[row]?.add((scramble(word ^ low) >>> 6) * 2 ** 26 + (scramble(Math.imul(word, 0x9e3779b1) ^ high) >>> 6));
  });
}

function valueId(place: number, value: string): number {
  return hash52(value, VALUE_SEED + place);
}

/**
 * Calls `visit` with every item of a row: hashes as they are, cells of the table as −1 − cell.
 */
export function visitItems(space: ItemSpace, items: RowItems, row: number, visit: (item: number) => void): void {
  for (let k = items.starts[row] as number; k < (items.starts[row + 1] as number); k++) visit(items.ids[k] as number);
  visitCells(space, items, row, (cell) => visit(-1 - cell));
}

/** Calls `visit` with every pair of values and every patch of a row, by its place in the table of cells. */
export function visitCells(space: ItemSpace, items: RowItems, row: number, visit: (cell: number) => void): void {
  visitPairs(space, items.codes, row, visit);
  space.grids.forEach((grid, index) => {
    visitPatches(grid, items.bits[index] as Uint8Array, row, visit);
  });
}

function visitPairs({ columns }: ItemSpace, codes: Uint8Array, row: number, visit: (cell: number) => void): void {
  if ((columns[0]?.offset ?? -1) < 0) return;
  const from = row * columns.length;
  for (let a = 0; a < columns.length; a++) {
    let at = columns[a]?.offset ?? 0;
    const own = columns[a]?.codes ?? 0;
    const code = codes[from + a] as number;
    for (let b = a + 1; b < columns.length; b++) {
      const width = columns[b]?.codes ?? 0;
      visit(at + code * width + (codes[from + b] as number));
      at += own * width;
    }
  }
}

/** Rows of several tables as if they were of one. */
export function joinItems(space: ItemSpace, parts: readonly RowItems[]): RowItems {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const starts = new Uint32Array(rows + 1);
  const ids = new Float64Array(parts.reduce((sum, part) => sum + part.ids.length, 0));
  const codes = new Uint8Array(rows * space.columns.length);
  const bits = space.grids.map((grid) => new Uint8Array(rows * bytesOf(grid)));
  let [row, id] = [0, 0];
  for (const part of parts) {
    ids.set(part.ids, id);
    codes.set(part.codes, row * space.columns.length);
    space.grids.forEach((grid, index) => {
      bits[index]?.set(part.bits[index] ?? [], row * bytesOf(grid));
    });
    for (let i = 1; i <= part.rows; i++) starts[row + i] = id + (part.starts[i] as number);
    row += part.rows;
    id += part.ids.length;
  }
  return { rows, starts, ids, codes, bits };
}
