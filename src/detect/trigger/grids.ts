import type { Table, Vector } from 'apache-arrow';
import { listSize, pictureShape, readLists } from '../../encode/index.js';

/** Square pictures of which each pixel is taken as dark or bright. */
export interface PixelGrid {
  readonly name: string;
  /** Pixels a side. */
  readonly side: number;
  readonly channels: number;
  /** A pixel is bright above it. */
  readonly threshold: number;
  /** Where its patches begin in the table of cells. */
  readonly offset: number;
}

/** Pixels a side of a patch. */
export const PATCH = 3;
export const PATCH_CODES = 2 ** (PATCH * PATCH);
/** Larger pictures would have more patches than can be counted one by one. */
const MOST_SIDE = 64;

export function fitGrids(trusted: Table, names: readonly string[], offset: number): PixelGrid[] {
  const grids: PixelGrid[] = [];
  let from = offset;
  for (const name of names) {
    const column = trusted.getChild(name) as Vector;
    const shape = pictureShape(listSize(column.type) ?? 0);
    if (shape === undefined || shape.side <= PATCH || shape.side > MOST_SIDE) continue;
    const grid = { name, ...shape, threshold: middleOf(readLists(column, listSize(column.type) ?? 0)), offset: from };
    from += patchCells(grid);
    grids.push(grid);
  }
  return grids;
}

function middleOf(values: Float32Array): number {
  const [least, most] = rangeOf(values);
  return Number.isFinite(least + most) ? (least + most) / 2 : 0;
}

/** The least and the greatest; of none [∞, −∞]. */
export function rangeOf(values: Float32Array): readonly [number, number] {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}

export function positionsOf({ side }: PixelGrid): number {
  return (side - PATCH + 1) ** 2;
}

export function patchCells(grid: PixelGrid): number {
  return positionsOf(grid) * PATCH_CODES;
}

export function bytesOf({ side }: PixelGrid): number {
  return Math.ceil((side * side) / 8);
}

/** Which pixels of each row are bright, a bit each: rows × bytes. */
export function brightBits(grid: PixelGrid, cells: Vector): Uint8Array {
  const { side, channels, threshold } = grid;
  const pixels = side * side;
  const values = readLists(cells, pixels * channels);
  const bytes = bytesOf(grid);
  const bits = new Uint8Array(cells.length * bytes);
  for (let row = 0, at = 0; row < cells.length; row++) {
    for (let pixel = 0; pixel < pixels; pixel++, at += channels) {
      let sum = values[at] as number;
      for (let channel = 1; channel < channels; channel++) sum += values[at + channel] as number;
      if (sum > threshold * channels) {
        const byte = row * bytes + (pixel >> 3);
        bits[byte] = (bits[byte] as number) | (1 << (pixel & 7));
      }
    }
  }
  return bits;
}

/** Calls `visit` with the cell of every patch of a row's picture. */
export function visitPatches(grid: PixelGrid, bits: Uint8Array, row: number, visit: (cell: number) => void): void {
  const { side, offset } = grid;
  const from = row * bytesOf(grid) * 8;
  const bright = (pixel: number) => ((bits[(from + pixel) >> 3] as number) >> ((from + pixel) & 7)) & 1;
  for (let y = 0, position = 0; y + PATCH <= side; y++) {
    let code = 0;
    for (let x = 0; x < side; x++) {
      const pixel = y * side + x;
      // Columns of three pixels come in at the right and go out at the left.
      const column = bright(pixel) | (bright(pixel + side) << 1) | (bright(pixel + 2 * side) << 2);
      code = ((code << 3) | column) & (PATCH_CODES - 1);
      if (x < PATCH - 1) continue;
      visit(offset + position * PATCH_CODES + code);
      position++;
    }
  }
}
