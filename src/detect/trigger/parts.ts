import { commonest, countEach } from '../histogram.js';
import { PATCH, type PixelGrid, patchCells, placeOf } from './grids.js';
import { type CodedRows, visitTables } from './row-items.js';
import type { ItemSpace } from './space.js';

/** What nearly all carriers of an item have in common and few other rows have. */
export interface SharedParts {
  /** Columns, by their place in the space, the rarest value first. */
  readonly places: readonly number[];
  /** Pixels of a picture, ascending; `isBright`: of the first of them. */
  readonly pixels: readonly {
    readonly grid: PixelGrid;
    readonly pixels: readonly number[];
    readonly isBright: boolean;
  }[];
}

const MOST_CARRIERS = 0.95;
const FEW_OTHERS = 0.25;
const MOST_PLACES = 4;

/** Rows that may carry an item. */
interface SeenRows {
  readonly items: CodedRows;
  /** As readValues gives them. */
  readonly values: readonly Float64Array[];
}

/** `carriers` and `others` are rows of `items`. */
export function sharedParts(
  space: ItemSpace,
  { items, values }: SeenRows,
  carriers: Int32Array,
  others: Int32Array,
): SharedParts {
  const width = space.columns.length;
  const places = space.columns
    .flatMap((_, place) => {
      // A value alone where its bin has others that are common, a bin where a trigger varies.
      const keys = [
        (row: number) => values[place]?.[row] as number,
        (row: number) => items.codes[row * width + place] as number,
      ];
      return keys.map((keyOf) => {
        const key = commonest(countEach(Array.from(carriers, keyOf)));
        const has = (row: number) => keyOf(row) === key;
        return { place, carriers: shareOf(carriers, has), others: shareOf(others, has) };
      });
    })
    .filter((one) => one.carriers >= MOST_CARRIERS && one.others <= FEW_OTHERS)
    .sort((a, b) => a.others - b.others || a.place - b.place);
  const pixels = space.grids.map((grid, index) => {
    const bits = items.bits[index] ?? new Uint8Array(0);
    const rowBits = (bits.length * 8) / Math.max(1, items.rows);
    const isBright = (row: number, pixel: number) =>
      (((bits[(row * rowBits + pixel) >> 3] as number) >> (pixel & 7)) & 1) === 1;
    const all = Array.from({ length: grid.side * grid.side }, (_, pixel) => pixel);
    const shared = all.flatMap((pixel) => {
      const bright = shareOf(carriers, (row) => isBright(row, pixel));
      const usual = shareOf(others, (row) => isBright(row, pixel));
      if (bright >= MOST_CARRIERS && usual <= FEW_OTHERS) return [{ pixel, isBright: true }];
      return bright <= 1 - MOST_CARRIERS && usual >= 1 - FEW_OTHERS ? [{ pixel, isBright: false }] : [];
    });
    return { grid, pixels: shared.map(({ pixel }) => pixel), isBright: shared[0]?.isBright ?? true };
  });
  return {
    places: [...new Set(places.map(({ place }) => place))].slice(0, MOST_PLACES),
    pixels: joinGrids(pixels.filter((one) => one.pixels.length > 0)),
  };
}

/** Of each column of pictures the pixels by any of its thresholds. */
function joinGrids(parts: SharedParts['pixels']): SharedParts['pixels'] {
  const names = [...new Set(parts.map(({ grid }) => grid.name))];
  return names.map((name) => {
    const own = parts.filter(({ grid }) => grid.name === name);
    const pixels = [...new Set(own.flatMap((one) => one.pixels))].sort((a, b) => a - b);
    return { ...(own[0] as SharedParts['pixels'][number]), pixels };
  });
}

function shareOf(rows: Int32Array, has: (row: number) => boolean): number {
  let count = 0;
  for (const row of rows) if (has(row)) count++;
  return count / Math.max(1, rows.length);
}

/** What makes up an item that is a pair of values or a patch, however common each part of it is; of others nothing. */
export function ownParts(space: ItemSpace, item: number): SharedParts {
  const patch = patchAt(space, -1 - item);
  if (patch !== undefined)
    return { places: [], pixels: [{ grid: patch.grid, pixels: pixelsOf(patch), isBright: true }] };
  const places: number[] = [];
  visitTables(space.columns, (a, b, at, width) => {
    const cell = -1 - item - at;
    if (cell >= 0 && cell < (space.columns[a]?.codes ?? 0) * width) places.push(a, b);
  });
  return { places, pixels: [] };
}

/** A patch at one place that is an item. */
export interface Patch {
  readonly grid: PixelGrid;
  readonly left: number;
  readonly top: number;
}

/** The pictures that a patch is of; undefined of what is none. */
export function gridOf({ grids }: ItemSpace, cell: number): PixelGrid | undefined {
  return grids.find((one) => cell >= one.offset && cell < one.offset + patchCells(one));
}

/** Undefined also of a patch that may stand anywhere. */
export function patchAt(space: ItemSpace, cell: number): Patch | undefined {
  const grid = gridOf(space, cell);
  const position = grid && placeOf(grid, cell);
  if (grid === undefined || position === undefined) return undefined;
  const across = grid.side - PATCH + 1;
  return { grid, left: position % across, top: Math.floor(position / across) };
}

/** A patch that stands at any place. */
export interface LoosePatch {
  readonly grid: PixelGrid;
  readonly cell: number;
}

/** Undefined of what is none. */
export function looseAt(space: ItemSpace, cell: number): LoosePatch | undefined {
  const grid = gridOf(space, cell);
  return grid === undefined || placeOf(grid, cell) !== undefined ? undefined : { grid, cell };
}

/** Ascending. */
export function pixelsOf({ grid, left, top }: Patch): number[] {
  return Array.from({ length: PATCH * PATCH }, (_, at) => {
    return (top + Math.floor(at / PATCH)) * grid.side + left + (at % PATCH);
  });
}
