import type { Table, Vector } from 'apache-arrow';
import { listSize, pictureShape, readLists, scramble } from '../../encode/index.js';

/** Square pictures of which each pixel is taken as dark or bright. */
export interface PixelGrid {
  readonly name: string;
  /** Pixels a side. */
  readonly side: number;
  readonly channels: number;
  /** A pixel is bright above it. */
  readonly threshold: number;
  /** Where its patches begin in the table of cells: place by place, then those wherever they stand. */
  readonly offset: number;
}

/** Pixels a side of a patch. */
export const PATCH = 3;
const PATCH_CODES = 2 ** (PATCH * PATCH);
/** Pixels a side of what is looked for wherever it stands: a patch and what is around it, which strokes seldom have. */
const LOOSE = 5;
const LOOSE_CODES = 2 ** (LOOSE * LOOSE);
/** Of these there are too many to be counted one by one: some share a cell. */
const LOOSE_BITS = 17;
const LOOSE_CELLS = 2 ** LOOSE_BITS;
/** Larger pictures would have more patches than can be counted one by one. */
const MOST_SIDE = 64;
/** Of the way from the darkest to the brightest pixel: what is hardly brighter than black, than the middle, all but white. */
const THRESHOLDS = [0.05, 0.5, 0.95] as const;

/** One for each threshold. */
export function fitGrids(trusted: Table, names: readonly string[], offset: number): PixelGrid[] {
  const grids: PixelGrid[] = [];
  let from = offset;
  for (const name of names) {
    const column = trusted.getChild(name) as Vector;
    const shape = pictureShape(listSize(column.type) ?? 0);
    if (shape === undefined || shape.side <= PATCH || shape.side > MOST_SIDE) continue;
    const [least, most] = rangeOf(readLists(column, listSize(column.type) ?? 0));
    for (const way of THRESHOLDS) {
      const threshold = Number.isFinite(least + most) ? least + way * (most - least) : 0;
      const grid = { name, ...shape, threshold, offset: from };
      from += patchCells(grid);
      grids.push(grid);
    }
  }
  return grids;
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

export function patchCells({ side }: Pick<PixelGrid, 'side'>): number {
  return looseFrom(side) + LOOSE_CELLS;
}

/** The place of a patch among those of its code; undefined where it may stand anywhere. */
export function placeOf({ side, offset }: PixelGrid, cell: number): number | undefined {
  return cell - offset < looseFrom(side) ? Math.floor((cell - offset) / PATCH_CODES) : undefined;
}

function looseFrom(side: number): number {
  return placesIn(side, PATCH) * PATCH_CODES;
}

function placesIn(side: number, window: number): number {
  return Math.max(0, side - window + 1) ** 2;
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

/** Calls `visit` with the cell of every patch of a row's picture, each once. */
export function visitPatches(grid: PixelGrid, bits: Uint8Array, row: number, visit: (cell: number) => void): void {
  const { side, offset } = grid;
  let place = 0;
  visitWindows(grid, bits, row, PATCH, (code) => visit(offset + place++ * PATCH_CODES + code));
  const from = offset + looseFrom(side);
  look++;
  visitWindows(grid, bits, row, LOOSE, (code) => {
    const cell = looseCell(code);
    if (cell === undefined || lookedAt[cell] === look) return;
    lookedAt[cell] = look;
    visit(from + cell);
  });
}

/** Loose cell → the last picture that had it: a set for each of them would take most of the time. */
const lookedAt = new Float64Array(LOOSE_CELLS);
let look = 0;

/** None of what is dark or bright throughout. */
function looseCell(code: number): number | undefined {
  return code === 0 || code === LOOSE_CODES - 1 ? undefined : scramble(code) >>> (32 - LOOSE_BITS);
}

/** Where in a row's picture a patch stands that may stand anywhere, by the pixels of it that are bright; undefined where it does not. */
export function findLoose(grid: PixelGrid, bits: Uint8Array, row: number, cell: number): number[] | undefined {
  const wanted = cell - grid.offset - looseFrom(grid.side);
  const across = grid.side - LOOSE + 1;
  let [place, found] = [0, undefined as number[] | undefined];
  visitWindows(grid, bits, row, LOOSE, (code) => {
    if (found === undefined && looseCell(code) === wanted) {
      const first = Math.floor(place / across) * grid.side + (place % across);
      const brightAt = (at: number) => (code >> (LOOSE * LOOSE - 1 - at)) & 1;
      found = Array.from({ length: LOOSE * LOOSE }, (_, at) => at)
        .filter(brightAt)
        .map((at) => first + (at % LOOSE) * grid.side + Math.floor(at / LOOSE));
    }
    place++;
  });
  return found;
}

/** Calls `visit` with the code of each square of so many pixels a side: its first bit is its top left pixel, then downwards, then to the right. */
function visitWindows(
  grid: PixelGrid,
  bits: Uint8Array,
  row: number,
  window: number,
  visit: (code: number) => void,
): void {
  const { side } = grid;
  const from = row * bytesOf(grid) * 8;
  const mask = 2 ** (window * window) - 1;
  for (let y = 0; y + window <= side; y++) {
    let code = 0;
    for (let x = 0; x < side; x++) {
      // Columns of pixels come in at the right and go out at the left.
      let column = 0;
      for (let pixel = from + y * side + x, down = 0; down < window; down++, pixel += side) {
        column = (column << 1) | (((bits[pixel >> 3] as number) >> (pixel & 7)) & 1);
      }
      code = ((code << window) | column) & mask;
      if (x >= window - 1) visit(code);
    }
  }
}
