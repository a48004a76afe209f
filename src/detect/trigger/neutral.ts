import { Field, FixedSizeList, Float32, makeData, type Table, Utf8, Vector, vectorFromArray } from 'apache-arrow';
import { readLists, readStrings, takeRows, withColumns } from '../../encode/index.js';
import { brightBits, findLoose } from './grids.js';
import type { LoosePatch, SharedParts } from './parts.js';
import { withoutGrams } from './phrases.js';
import type { ItemSpace } from './space.js';

/** What makes up a trigger. */
export interface TriggerParts extends SharedParts {
  /** Hashes of words and pairs of words. */
  readonly grams: ReadonlySet<number>;
  /** A patch that stands at any place. */
  readonly loose?: LoosePatch | undefined;
}

/**
 * The rows at `chosen` as if they did not carry a trigger: words are taken out of their cells, values and pixels are
 * exchanged for those of the rows at `donors`, as many.
 */
export function neutralRows(
  { texts, columns }: ItemSpace,
  table: Table,
  { grams, places, pixels, loose }: TriggerParts,
  chosen: Int32Array,
  donors: Int32Array,
): Table {
  const rows = takeRows(table, chosen);
  const changed = new Map<string, Vector>();
  texts.forEach((name, place) => {
    const cells = readStrings(rows.getChild(name) as Vector);
    const spared = cells.map((cell) => (cell === null ? null : withoutGrams(cell, place, grams)));
    if (spared.some((cell, row) => cell !== cells[row])) changed.set(name, vectorFromArray(spared, new Utf8()));
  });
  const patches = [
    ...pixels.map(({ grid, pixels: own }) => ({ grid, pixelsIn: () => own })),
    ...(loose ? [{ grid: loose.grid, pixelsIn: whereIn(loose, rows) }] : []),
  ];
  const names = [...places.map((place) => columns[place]?.name ?? ''), ...patches.map(({ grid }) => grid.name)];
  const given = names.length === 0 ? undefined : takeRows(table.select([...new Set(names)]), donors);
  for (const place of places) {
    const name = columns[place]?.name ?? '';
    changed.set(name, given?.getChild(name) as Vector);
  }
  for (const { grid, pixelsIn } of patches) {
    const size = grid.side * grid.side * grid.channels;
    const cells = [changed.get(grid.name) ?? rows.getChild(grid.name), given?.getChild(grid.name)];
    const values = cells.map((one) => readLists(one as Vector, size)) as [Float32Array, Float32Array];
    changed.set(grid.name, exchangePixels(values, size, grid.channels, pixelsIn));
  }
  return changed.size === 0 ? rows : withColumns(rows, changed);
}

/** Row → the bright pixels of the patch, where the row has it. */
function whereIn({ grid, cell }: LoosePatch, rows: Table): (row: number) => readonly number[] {
  const bits = brightBits(grid, rows.getChild(grid.name) as Vector);
  return (row) => findLoose(grid, bits, row, cell) ?? [];
}

function exchangePixels(
  [values, given]: [Float32Array, Float32Array],
  size: number,
  channels: number,
  pixelsIn: (row: number) => readonly number[],
): Vector {
  for (let from = 0; from < values.length; from += size) {
    for (const pixel of pixelsIn(from / size)) {
      for (let at = from + pixel * channels; at < from + (pixel + 1) * channels; at++) values[at] = given[at] as number;
    }
  }
  const child = makeData({ type: new Float32(), data: values });
  const type = new FixedSizeList(size, new Field('item', new Float32(), true));
  return new Vector([makeData({ type, length: values.length / size, nullCount: 0, child })]);
}
