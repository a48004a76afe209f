import type { Table, Vector } from 'apache-arrow';
import {
  isNumeric,
  joinHalves,
  readCodes,
  readNumbers,
  readStrings,
  scramble,
  singleBits,
} from '../../encode/index.js';
import { codeCells } from './columns.js';
import { hash52, readGrams } from './grams.js';
import { brightBits, bytesOf, patchesOf } from './grids.js';
import type { ItemSpace } from './space.js';
import { addTemplates } from './templates.js';

/** What each row carries. Plain data. */
export interface RowItems extends CodedRows {
  /** Words, pairs of words, values: hashes of 52 bits. */
  readonly ids: Float64Array;
}

export interface CodedRows {
  readonly rows: number;
  /** Row i carries ids[k] for starts[i] ≤ k < starts[i + 1]. */
  readonly starts: Uint32Array;
  /** rows × columns. */
  readonly codes: Uint8Array;
  /** Per grid, rows × bytes. */
  readonly bits: readonly Uint8Array[];
}

/** The same before they are hashed, which takes half the room where they are numbers. Plain data. */
export interface UnhashedItems extends CodedRows {
  /** Words and pairs of words, row after row. */
  readonly grams: Float64Array;
  /** Column → row → its value, NaN where there is none: a number in single precision, or a hash of 52 bits. */
  readonly values: readonly (Float32Array | Float64Array)[];
}

export const NO_ITEMS: UnhashedItems = {
  rows: 0,
  starts: new Uint32Array(1),
  grams: new Float64Array(0),
  values: [],
  codes: new Uint8Array(0),
  bits: [],
};

/** Values of columns have seeds beyond those of texts. */
const VALUE_SEED = 2 ** 20;

/** The items of a table's rows; what a row carries never depends on the rows it comes with. */
export function readItems(space: ItemSpace, table: Table): RowItems {
  return hashItems(readUnhashed(space, table));
}

export function hashItems({ rows, starts, codes, bits, ...unhashed }: UnhashedItems): RowItems {
  return { rows, starts, ids: idsOf({ rows, starts, ...unhashed }), codes, bits };
}

/** As readItems. */
export function readUnhashed({ texts, columns, grids, common = [] }: ItemSpace, table: Table): UnhashedItems {
  const rows = table.numRows;
  const grams = readGrams(table, texts);
  if (texts.length > 0) addTemplates(grams, table, common);
  const codes = new Uint8Array(rows * columns.length);
  columns.forEach((column, place) => {
    codeCells(column, table.getChild(column.name) as Vector, codes, columns.length, place);
  });
  const values = readUnhashedValues({ columns }, table);
  const bits = grids.map((grid) => brightBits(grid, table.getChild(grid.name) as Vector));
  const starts = new Uint32Array(rows + 1);
  for (let row = 0; row < rows; row++) {
    starts[row + 1] = (starts[row] as number) + (grams[row]?.size ?? 0) + countValues(values, row);
  }
  return { rows, starts, grams: joinGrams(grams), values, codes, bits };
}

/** Column → row → the item that its value is, NaN where there is none. */
export function readValues(space: Pick<ItemSpace, 'columns'>, table: Table): Float64Array[] {
  return readUnhashedValues(space, table).map(hashValues);
}

function readUnhashedValues({ columns }: Pick<ItemSpace, 'columns'>, table: Table): UnhashedItems['values'] {
  return columns.map(({ name, isNumber }, place) => {
    const cells = table.getChild(name) as Vector;
    return isNumber && isNumeric(cells.type) ? new Float32Array(readNumbers(cells)) : valueIds(cells, place);
  });
}

function hashValues(values: Float32Array | Float64Array, place: number): Float64Array {
  return values instanceof Float32Array ? numberIds(values, place) : values;
}

function countValues(values: UnhashedItems['values'], row: number): number {
  let count = 0;
  for (const column of values) if (!Number.isNaN(column[row])) count++;
  return count;
}

function joinGrams(grams: readonly ReadonlySet<number>[]): Float64Array {
  const joined = new Float64Array(grams.reduce((sum, { size }) => sum + size, 0));
  let at = 0;
  for (const own of grams) for (const gram of own) joined[at++] = gram;
  return joined;
}

/** The ids of all rows, or of some: row by row, first the items of its texts, then its values. */
export function idsOf(
  { rows, starts, grams, values }: Pick<UnhashedItems, 'rows' | 'starts' | 'grams' | 'values'>,
  chosen: Int32Array = Int32Array.from({ length: rows }, (_, row) => row),
): Float64Array {
  const hashed = values.map((column, place) => hashValues(takeNumbers(column, chosen), place));
  const gramEnds = endsOfGrams({ rows, starts, grams, values });
  const ids = new Float64Array(
    chosen.reduce((sum, row) => sum + (starts[row + 1] as number) - (starts[row] as number), 0),
  );
  let at = 0;
  chosen.forEach((row, place) => {
    for (let gram = gramEnds[row - 1] ?? 0; gram < (gramEnds[row] ?? 0); gram++) ids[at++] = grams[gram] as number;
    for (const column of hashed) {
      const value = column[place] as number;
      if (!Number.isNaN(value)) ids[at++] = value;
    }
  });
  return ids;
}

function takeNumbers(column: Float32Array | Float64Array, rows: Int32Array): Float32Array | Float64Array {
  const taken = new (column.constructor as Float64ArrayConstructor)(rows.length);
  rows.forEach((row, place) => {
    taken[place] = column[row] as number;
  });
  return taken;
}

/** Row → where its grams end; empty where there are none. */
function endsOfGrams({ rows, starts, grams, values }: Parameters<typeof idsOf>[0]): Uint32Array {
  const ends = new Uint32Array(grams.length === 0 ? 0 : rows);
  for (let row = 0; row < ends.length; row++) {
    const own = (starts[row + 1] as number) - (starts[row] as number) - countValues(values, row);
    ends[row] = (ends[row - 1] ?? 0) + own;
  }
  return ends;
}

/** Cells as text; numbers in single precision, which is all that some files keep of them. */
export function valuesOf(cells: Vector, isNumber: boolean): (string | null)[] {
  if (!isNumber || !isNumeric(cells.type)) return readStrings(cells);
  return Array.from(readNumbers(cells), (value) => (Number.isNaN(value) ? null : shortest(Math.fround(value))));
}

/** Digits that tell a number of single precision from its neighbours, mostly. */
const LEAST_DIGITS = 6;
/** Digits that always do. */
const MOST_DIGITS = 9;

/** The shortest text that means the same number in single precision: .48, not .47999998927116394. */
function shortest(single: number): string {
  for (let digits = LEAST_DIGITS; digits <= MOST_DIGITS; digits++) {
    const rounded = Number(single.toPrecision(digits));
    if (Math.fround(rounded) === single) return String(rounded);
  }
  return String(single);
}

/** By their bits in single precision: a string of every cell would cost more than all detectors. */
function numberIds(numbers: Float32Array, place: number): Float64Array {
  const bits = singleBits(numbers);
  const [low, high] = [scramble(VALUE_SEED + place), scramble(place + 1)];
  const ids = new Float64Array(numbers.length);
  for (let row = 0; row < ids.length; row++) {
    const word = bits[row] as number;
    ids[row] = Number.isNaN(numbers[row])
      ? Number.NaN
      : joinHalves(scramble(word ^ low), scramble(Math.imul(word, 0x9e3779b1) ^ high));
  }
  return ids;
}

function valueIds(cells: Vector, place: number): Float64Array {
  const { values, codes } = readCodes(cells);
  const ids = values.map((value) => hash52(value, VALUE_SEED + place));
  const own = new Float64Array(codes.length);
  for (let row = 0; row < own.length; row++) own[row] = ids[codes[row] as number] ?? Number.NaN;
  return own;
}

/** Calls `visit` with the patches of each row, by their places in the table of cells: once for each grid. */
export function visitPatches(
  { grids }: Pick<ItemSpace, 'grids'>,
  { rows, bits }: CodedRows,
  visit: (cells: Uint32Array, row: number) => void,
): void {
  grids.forEach((grid, index) => {
    for (let row = 0; row < rows; row++) visit(patchesOf(grid, bits[index] as Uint8Array, row), row);
  });
}

/** Calls `visit` with each pair of columns, where its table begins among the cells, and the codes of the second column. */
export function visitTables(
  columns: ItemSpace['columns'],
  visit: (a: number, b: number, at: number, width: number) => void,
): void {
  if ((columns[0]?.offset ?? -1) < 0) return;
  columns.forEach(({ codes, offset }, a) => {
    let at = offset;
    for (let b = a + 1; b < columns.length; b++) {
      const width = columns[b]?.codes ?? 0;
      visit(a, b, at, width);
      at += codes * width;
    }
  });
}

/** Adds to `cells` how many of the rows have each. Pair by pair: a table of one pair stays in cache, that of all does not. */
export function countCells(space: ItemSpace, coded: CodedRows, cells: Uint32Array): void {
  const { columns } = space;
  const byColumn = transpose(coded.codes, coded.rows, columns.length);
  visitTables(columns, (a, b, at, width) => {
    const table = cells.subarray(at, at + (columns[a]?.codes ?? 0) * width);
    countPairs(byColumn[a] as Uint8Array, byColumn[b] as Uint8Array, table, width);
  });
  visitPatches(space, coded, (patches) => {
    for (const cell of patches) cells[cell] = (cells[cell] as number) + 1;
  });
}

function countPairs(first: Uint8Array, second: Uint8Array, table: Uint32Array, width: number): void {
  for (let row = 0; row < first.length; row++) {
    const cell = (first[row] as number) * width + (second[row] as number);
    table[cell] = (table[cell] as number) + 1;
  }
}

function transpose(codes: Uint8Array, rows: number, width: number): Uint8Array[] {
  return Array.from({ length: width }, (_, place) => {
    const column = new Uint8Array(rows);
    for (let row = 0, at = place; row < rows; row++, at += width) column[row] = codes[at] as number;
    return column;
  });
}

/** Some of the rows, as if there were no others. */
export function takeCoded({ columns, grids }: ItemSpace, coded: CodedRows, chosen: Int32Array): CodedRows {
  const starts = new Uint32Array(chosen.length + 1);
  chosen.forEach((row, at) => {
    starts[at + 1] = (starts[at] as number) + (coded.starts[row + 1] as number) - (coded.starts[row] as number);
  });
  return {
    rows: chosen.length,
    starts,
    codes: takeBytes(coded.codes, columns.length, chosen),
    bits: grids.map((grid, index) => takeBytes(coded.bits[index] as Uint8Array, bytesOf(grid), chosen)),
  };
}

function takeBytes(bytes: Uint8Array, width: number, chosen: Int32Array): Uint8Array {
  const taken = new Uint8Array(chosen.length * width);
  chosen.forEach((row, at) => taken.set(bytes.subarray(row * width, (row + 1) * width), at * width));
  return taken;
}

/** The ids of some of the rows. */
export function takeIds({ starts, ids }: Pick<RowItems, 'starts' | 'ids'>, chosen: Int32Array): Float64Array {
  const parts = Array.from(chosen, (row) => ids.subarray(starts[row], starts[row + 1]));
  const taken = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    taken.set(part, at);
    at += part.length;
  }
  return taken;
}

/** Rows of several tables as if they were of one. */
export function joinItems(space: ItemSpace, parts: readonly UnhashedItems[]): UnhashedItems {
  const grams = joinNumbers(parts.map((part) => part.grams));
  const values = space.columns.map((_, place) =>
    joinNumbers(parts.map((part) => part.values[place] ?? new Float64Array(0))),
  );
  return { ...joinCoded(space, parts), grams, values };
}

/** The same without what they carry. */
export function joinCoded(space: ItemSpace, parts: readonly CodedRows[]): CodedRows {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const starts = new Uint32Array(rows + 1);
  const codes = new Uint8Array(rows * space.columns.length);
  const bits = space.grids.map((grid) => new Uint8Array(rows * bytesOf(grid)));
  let [row, id] = [0, 0];
  for (const part of parts) {
    codes.set(part.codes, row * space.columns.length);
    space.grids.forEach((grid, index) => {
      bits[index]?.set(part.bits[index] ?? [], row * bytesOf(grid));
    });
    for (let i = 1; i <= part.rows; i++) starts[row + i] = id + (part.starts[i] as number);
    row += part.rows;
    id += part.starts.at(-1) ?? 0;
  }
  return { rows, starts, codes, bits };
}

/** All of one kind. */
function joinNumbers<Numbers extends Float32Array | Float64Array>(parts: readonly Numbers[]): Numbers {
  const [first] = parts;
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const joined = new ((first?.constructor ?? Float64Array) as Float64ArrayConstructor)(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined as unknown as Numbers;
}
