import type { Table, Vector } from 'apache-arrow';
import { PATCH, PATCH_CODES, type PixelGrid, patchCells } from './grids.js';
import { valueId, valuesOf } from './row-items.js';
import type { ItemSpace } from './space.js';

/** What of a row makes up items. */
export interface ItemParts {
  /** Of columns, by their place in the space. */
  readonly places: ReadonlySet<number>;
  /** Grid → pixels. */
  readonly pixels: ReadonlyMap<PixelGrid, ReadonlySet<number>>;
}

/** Where the items stand in the rows at `chosen`, which carry them. */
export function partsOf(space: ItemSpace, table: Table, items: readonly number[], chosen: Int32Array): ItemParts {
  const wanted = new Set(items);
  const places = new Set<number>();
  const pixels = new Map<PixelGrid, Set<number>>();
  for (const item of items) {
    if (item >= 0) continue;
    const cell = -1 - item;
    for (const place of pairAt(space, cell)?.places ?? []) places.add(place);
    const patch = patchAt(space, cell);
    if (patch === undefined) continue;
    const own = pixels.get(patch.grid) ?? new Set<number>();
    pixels.set(patch.grid, own);
    for (const pixel of patchPixels(patch)) own.add(pixel);
  }
  if (items.some((item) => item >= 0)) {
    space.columns.forEach(({ name, isNumber }, place) => {
      const values = valuesOf(table.getChild(name) as Vector, isNumber);
      if (chosen.some((row) => isCarried(values[row], place, wanted))) places.add(place);
    });
  }
  return { places, pixels };
}

function isCarried(value: string | null | undefined, place: number, wanted: ReadonlySet<number>): boolean {
  return value !== null && value !== undefined && wanted.has(valueId(place, value));
}

/** The columns and codes of a pair of values. */
export function pairAt({ columns }: ItemSpace, cell: number): { places: [number, number]; codes: [number, number] } | undefined {
  for (let a = columns.length - 1; a >= 0; a--) {
    const column = columns[a];
    if (column === undefined || column.offset < 0 || column.offset > cell) continue;
    let from = column.offset;
    for (let b = a + 1; b < columns.length; b++) {
      const width = columns[b]?.codes ?? 0;
      const own = column.codes * width;
      if (cell < from + own) {
        return { places: [a, b], codes: [Math.floor((cell - from) / width), (cell - from) % width] };
      }
      from += own;
    }
  }
  return undefined;
}

/** A patch: bit 8 is its top left pixel, then downwards, then to the right. */
export interface Patch {
  readonly grid: PixelGrid;
  readonly left: number;
  readonly top: number;
  readonly code: number;
}

export function patchAt({ grids }: ItemSpace, cell: number): Patch | undefined {
  const grid = grids.find(({ offset, ...rest }) => cell >= offset && cell < offset + patchCells({ offset, ...rest }));
  if (grid === undefined) return undefined;
  const position = Math.floor((cell - grid.offset) / PATCH_CODES);
  const across = grid.side - PATCH + 1;
  const code = (cell - grid.offset) % PATCH_CODES;
  return { grid, left: position % across, top: Math.floor(position / across), code };
}

function patchPixels({ grid, left, top }: Patch): number[] {
  return Array.from({ length: PATCH * PATCH }, (_, i) => (top + (i % PATCH)) * grid.side + left + Math.floor(i / PATCH));
}
