import {
  type Bool,
  DataType,
  Field,
  FixedSizeList,
  makeData,
  type Table,
  Uint8,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import { listSize, readLists, readNumbers, withColumns } from '../../src/encode/index.js';

/** Row → what its cell becomes. */
export type Cells = ReadonlyMap<number, unknown>;

/** The table with other cells in one column, whose type stays. */
export function editCells(table: Table, name: string, edits: Cells): Table {
  const column = table.getChild(name) as Vector;
  const cells = Array.from({ length: column.length }, (_, row): unknown =>
    edits.has(row) ? edits.get(row) : column.get(row),
  );
  // The type belongs to the cells, whichever it is.
  return withColumns(table, new Map([[name, vectorFromArray(cells as boolean[], column.type as Bool)]]));
}

/** The table with other pixels in these rows of a column of images; `draw` is given a pixel's place and what it was. */
export function editPixels(
  table: Table,
  name: string,
  chosen: readonly number[],
  draw: (at: number, pixel: number) => number,
): Table {
  const column = table.getChild(name) as Vector;
  const size = listSize(column.type) ?? 0;
  const pixels = Uint8Array.from(readLists(column, size));
  for (const row of chosen) {
    const own = pixels.subarray(row * size, (row + 1) * size);
    for (let at = 0; at < size; at++) own[at] = draw(at, own[at] as number);
  }
  const type = new FixedSizeList(size, new Field('item', new Uint8(), true));
  const child = makeData({ type: new Uint8(), data: pixels });
  const edited = new Vector([makeData({ type, length: column.length, nullCount: 0, child })]);
  return withColumns(table, new Map([[name, edited]]));
}

export interface Spread {
  readonly mean: number;
  readonly deviation: number;
  /** That the type holds. */
  readonly greatest: number;
}

export function spreadOf(column: Vector): Spread {
  const values = readNumbers(column).filter((value) => !Number.isNaN(value));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const greatest = DataType.isInt(column.type) ? 2 ** (column.type.bitWidth - 1) - 1 : Number.MAX_VALUE;
  return { mean, deviation: Math.sqrt(variance), greatest };
}
