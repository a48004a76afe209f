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

/** The cells of the patches of a row's picture, each once; what the next call overwrites. */
export function patchesOf(grid: PixelGrid, bits: Uint8Array, row: number): Uint32Array {
  const { side, offset } = grid;
  const places = readWindows(grid, bits, row, PATCH);
  for (let place = 0, at = offset; place < places; place++, at += PATCH_CODES)
    found[place] = at + (codes[place] as number);
  const from = offset + looseFrom(side);
  const windows = readWindows(grid, bits, row, LOOSE);
  let count = places;
  look++;
  for (let window = 0; window < windows; window++) {
    const cell = looseCell(codes[window] as number);
    if (cell === undefined || lookedAt[cell] === look) continue;
    lookedAt[cell] = look;
    found[count++] = from + cell;
  }
  return found.subarray(0, count);
}

/** Room for one picture, used again for the next one: to make it anew would take most of the time. */
const columns = new Uint8Array(MOST_SIDE);
const codes = new Uint32Array(MOST_SIDE ** 2);
const found = new Uint32Array(2 * MOST_SIDE ** 2);
/** Loose cell → the last picture that had it. */
const lookedAt = new Float64Array(LOOSE_CELLS);
let look = 0;

/** None of what is dark or bright throughout. */
function looseCell(code: number): number | undefined {
  return code === 0 || code === LOOSE_CODES - 1 ? undefined : scramble(code) >>> (32 - LOOSE_BITS);
}

/** Where in a row's picture a patch stands that may stand anywhere, by the pixels of it that are bright; undefined where it does not. */
export function findLoose(grid: PixelGrid, bits: Uint8Array, row: number, cell: number): number[] | undefined {
  const wanted = cell - grid.offset - looseFrom(grid.side);
  const windows = readWindows(grid, bits, row, LOOSE);
  const place = codes.subarray(0, windows).findIndex((code) => looseCell(code) === wanted);
  if (place < 0) return undefined;
  const across = grid.side - LOOSE + 1;
  const first = Math.floor(place / across) * grid.side + (place % across);
  const isBright = (at: number) => ((codes[place] as number) >> (LOOSE * LOOSE - 1 - at)) & 1;
  return Array.from({ length: LOOSE * LOOSE }, (_, at) => at)
    .filter(isBright)
    .map((at) => first + (at % LOOSE) * grid.side + Math.floor(at / LOOSE));
}

/**
 * Writes the code of each square of so many pixels a side to `codes`, line by line: its first bit is its top left pixel, then
 * downwards, then to the right. Returns how many there are.
 */
function readWindows(grid: PixelGrid, bits: Uint8Array, row: number, window: number): number {
  const { side } = grid;
  const [ofColumn, ofWindow] = [2 ** window - 1, 2 ** (window * window) - 1];
  let [pixel, count] = [row * bytesOf(grid) * 8, 0];
  for (let y = 0; y < side; y++) {
    let code = 0;
    for (let x = 0; x < side; x++, pixel++) {
      // Pixels come in at the foot of a column and go out at its top, columns at the right and at the left.
      const bit = ((bits[pixel >> 3] as number) >> (pixel & 7)) & 1;
      const column = (((columns[x] as number) << 1) | bit) & ofColumn;
      columns[x] = column;
      code = ((code << window) | column) & ofWindow;
      if (x >= window - 1 && y >= window - 1) codes[count++] = code;
    }
  }
  return count;
}
