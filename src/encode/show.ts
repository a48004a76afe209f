import { DataType, type Table, type Vector } from 'apache-arrow';
import { isTime, readNumbers, readStrings } from './columns.js';
import type { ColumnRole } from './roles.js';
import { type RowImage, readImages } from './row-images.js';

/** A row as a person looks at it. */
export interface RowContent {
  /** Column → cell as text, at most 200 characters each, control characters not yet escaped. */
  readonly values: ReadonlyMap<string, string>;
  /** Image column → its picture; the pixels are not among `values`. */
  readonly images: ReadonlyMap<string, RowImage>;
}

const MAX_CELL_CHARACTERS = 200;

/** What row `row` holds, image columns as pictures. */
export function showRow(table: Table, row: number, columns: readonly ColumnRole[]): RowContent {
  const images = readImages(table, row, columns);
  const values = new Map<string, string>();
  for (const { name } of table.schema.fields) {
    if (!images.has(name)) values.set(name, cut(showCell(table.getChild(name), row)));
  }
  return { values, images };
}

function cut(cell: string): string {
  return cell.length <= MAX_CELL_CHARACTERS ? cell : `${cell.slice(0, MAX_CELL_CHARACTERS - 1)}…`;
}

/** A cell as a person would write it. */
function showCell(whole: Vector | null, row: number): string {
  if (whole === null) return 'null';
  const column = whole.slice(row, row + 1);
  const type: DataType = column.type;
  if (!isTime(type) && !DataType.isDecimal(type)) return readStrings(column)[0] ?? 'null';
  const number = readNumbers(column)[0] as number;
  if (DataType.isDecimal(type)) return Number.isNaN(number) ? 'null' : String(Number(number.toPrecision(15)));
  return Math.abs(number) <= 8.64e15 ? new Date(number).toISOString().replace('T00:00:00.000Z', '') : 'null';
}
