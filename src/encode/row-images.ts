import { DataType, type Table } from 'apache-arrow';
import { listSize } from './columns.js';
import { pictureShape } from './picture-shape.js';
import type { ColumnRole } from './roles.js';

/** Row by row from the top left; colours of a pixel side by side, red first. */
export interface RowImage {
  readonly width: number;
  readonly height: number;
  /** Grey, or red, green and blue. */
  readonly channels: 1 | 3;
  /** height × width × channels. */
  readonly pixels: Uint8Array;
}

/** Enough to recognise what it shows; hundreds of large photographs would be a burden to keep and to send. */
const MOST_PIXELS = 64;

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
  const shape = pictureShape(column === null ? 0 : (listSize(column.type) ?? 0));
  if (column === null || shape === undefined || !holdsBytes(column.type)) return undefined;
  const cell: unknown = column.get(row);
  if (cell === null) return undefined;
  const pixels = Uint8Array.from(cell as Iterable<number | null>, (value) => value ?? 0);
  return { width: shape.side, height: shape.side, channels: shape.channels, pixels };
}

function holdsBytes(type: DataType): boolean {
  const item = type.children[0]?.type;
  return item !== undefined && DataType.isInt(item) && item.bitWidth === 8 && !item.isSigned;
}

/** At most 64 × 64 pixels, each the mean of those it stands for. */
export function shrinkImage(image: RowImage): RowImage {
  const factor = Math.ceil(Math.max(image.width, image.height) / MOST_PIXELS);
  if (factor <= 1) return image;
  const { channels } = image;
  const width = Math.ceil(image.width / factor);
  const height = Math.ceil(image.height / factor);
  const pixels = new Uint8Array(width * height * channels);
  for (let at = 0; at < pixels.length; at++) {
    const channel = at % channels;
    const left = (Math.floor(at / channels) % width) * factor;
    const top = Math.floor(at / channels / width) * factor;
    pixels[at] = meanOf(image, channel, left, top, factor);
  }
  return { width, height, channels, pixels };
}

function meanOf(
  { width, height, channels, pixels }: RowImage,
  channel: number,
  left: number,
  top: number,
  side: number,
) {
  let sum = 0;
  let count = 0;
  for (let y = top; y < Math.min(top + side, height); y++) {
    for (let x = left; x < Math.min(left + side, width); x++) {
      sum += pixels[(y * width + x) * channels + channel] ?? 0;
      count += 1;
    }
  }
  return Math.round(sum / Math.max(1, count));
}
