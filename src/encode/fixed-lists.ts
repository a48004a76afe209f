import {
  type Data,
  DataType,
  type Field,
  FixedSizeList,
  type Float64,
  makeData,
  type Table,
  Vector,
} from 'apache-arrow';
import { withColumns } from './with-columns.js';

/** Columns as others know them. */
interface KnownColumn {
  readonly name: string;
  /** Arrow type as text. */
  readonly type: string;
}

/** Rows without a list take its room too: a small file of a billion of them must not fill the memory. In items. */
const MOST_PADDING = 2 ** 26;

/**
 * The table with its lists of numbers as lists of a fixed size, as embeddings, images and probabilities are used: Parquet
 * files have them as lists of any size. A column that is `known` takes the size it has there as soon as one row has it,
 * and rows of another size become null; any other column must have one size in all its rows.
 */
export function fixLists(table: Table, known: readonly KnownColumn[] = []): Table {
  const fields = table.schema.fields;
  if (!fields.some(({ type }) => isListOfNumbers(type))) return table;
  const sizes = new Map(known.map(({ name, type }) => [name, sizeInText(type)]));
  const fixed = fields.flatMap(({ name, type }, index) =>
    isListOfNumbers(type) ? [[name, fixList(table.getChildAt(index) as Vector, sizes.get(name))] as const] : [],
  );
  return withColumns(table, new Map(fixed));
}

function isListOfNumbers(type: DataType): boolean {
  if (!DataType.isList(type) && !DataType.isLargeList(type)) return false;
  const item: DataType | undefined = type.children[0]?.type;
  return item !== undefined && (DataType.isInt(item) || DataType.isFloat(item));
}

function sizeInText(type: string): number | undefined {
  const size = /^FixedSizeList\[(\d+)\]/.exec(type)?.[1];
  return size === undefined ? undefined : Number(size);
}

function fixList(column: Vector, known: number | undefined): Vector {
  const sizes = sizesOf(column);
  const [only, another] = sizes;
  const size = known !== undefined && (sizes.size === 0 || sizes.has(known)) ? known : only;
  const isFixed = size !== undefined && size > 0 && (size === known || another === undefined);
  if (!isFixed || column.length * size - itemsOf(column) > MOST_PADDING) return column;
  return new Vector(column.data.map((data) => fixData(data, size)));
}

function itemsOf({ data }: Vector): number {
  return data.reduce((sum, { children }) => sum + (children[0]?.length ?? 0), 0);
}

function sizesOf(column: Vector): Set<number> {
  const sizes = new Set<number>();
  for (const data of column.data) {
    for (let row = 0; row < data.length; row++) if (data.getValid(row)) sizes.add(sizeAt(data, row));
  }
  return sizes;
}

function startAt({ valueOffsets }: Data, row: number): number {
  return Number(valueOffsets[row]);
}

function sizeAt(data: Data, row: number): number {
  return startAt(data, row + 1) - startAt(data, row);
}

function fixData(data: Data, size: number): Data {
  const items = data.children[0] as Data;
  const type = new FixedSizeList(size, data.type.children[0] as Field);
  const isKept = (row: number) => data.getValid(row) && sizeAt(data, row) === size;
  let [nullCount, isDense] = [0, true];
  for (let row = 0; row < data.length; row++) {
    if (!isKept(row)) nullCount++;
    if (sizeAt(data, row) !== size) isDense = false;
  }
  const nullBitmap = nullCount === 0 ? undefined : bitmapOf(data.length, isKept);
  const child = isDense
    ? items.slice(data.length === 0 ? 0 : startAt(data, 0), data.length * size)
    : spread(data, items, size, isKept);
  return makeData({ type, length: data.length, nullCount, ...(nullBitmap && { nullBitmap }), child });
}

function bitmapOf(length: number, isSet: (at: number) => boolean): Uint8Array {
  const bits = new Uint8Array(Math.ceil(length / 64) * 8);
  for (let at = 0; at < length; at++) if (isSet(at)) bits[at >> 3] = (bits[at >> 3] as number) | (1 << (at & 7));
  return bits;
}

/** The items with room for those of rows that have none. */
function spread(lists: Data, items: Data, size: number, isKept: (row: number) => boolean): Data {
  const values = items.values as Float64Array;
  const room = new (values.constructor as Float64ArrayConstructor)(lists.length * size);
  for (let row = 0; row < lists.length; row++) {
    const start = startAt(lists, row);
    if (isKept(row)) room.set(values.subarray(start, start + size), row * size);
  }
  const isThere = (at: number) => {
    const row = Math.floor(at / size);
    return isKept(row) && items.getValid(startAt(lists, row) + (at % size));
  };
  const type = items.type as Float64;
  const data = { type, data: room, length: room.length };
  return makeData(items.nullCount === 0 ? data : { ...data, nullBitmap: bitmapOf(room.length, isThere) });
}
