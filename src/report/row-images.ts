import { DataType, type Table } from 'apache-arrow';
import { listSize } from '../encode/index.js';
import type { ColumnRole, RowImage } from './types.js';

/** Pictures of a row's image columns: lists of k² grey or 3·k² red, green and blue bytes; others have none. */
export function readImages(table: Table, row: number, columns: readonly ColumnRole[]): Map<string, RowImage> {
  const images = new Map<string, RowImage>();
  for (const { name, role } of columns) {
    if (role !== 'image') continue;
    const image = readImage(table, name, row);
    if (image !== undefined) images.set(name, image);
  }
  return images;
}

function readImage(table: Table, name: string, row: number): RowImage | undefined {
  const column = table.getChild(name);
  const shape = shapeOf(column === null ? 0 : (listSize(column.type) ?? 0));
  if (column === null || shape === undefined || !holdsBytes(column.type)) return undefined;
  const cell: unknown = column.get(row);
  if (cell === null) return undefined;
  const pixels = Uint8Array.from(cell as Iterable<number | null>, (value) => value ?? 0);
  return { ...shape, pixels };
}

function holdsBytes(type: DataType): boolean {
  const item = type.children[0]?.type;
  return item !== undefined && DataType.isInt(item) && item.bitWidth === 8 && !item.isSigned;
}

/** Three squares never make a square, so the length tells which it is. */
function shapeOf(length: number): Pick<RowImage, 'width' | 'height' | 'channels'> | undefined {
  for (const channels of [1, 3] as const) {
    const side = Math.round(Math.sqrt(length / channels));
    if (side > 0 && side * side * channels === length) return { width: side, height: side, channels };
  }
  return undefined;
}
