import { type Table, Utf8, type Vector, vectorFromArray } from 'apache-arrow';
import { readStrings, takeRows, withColumns } from '../../encode/index.js';
import { partsOf } from './parts.js';
import { withoutGrams } from './phrases.js';
import type { ItemSpace } from './space.js';

/**
 * The rows at `chosen` as if they did not carry the items: words are taken out of their cells, values are exchanged for
 * those of the rows at `donors`, as many.
 */
export function neutralRows(
  space: ItemSpace,
  table: Table,
  items: readonly number[],
  chosen: Int32Array,
  donors: Int32Array,
): Table {
  const rows = takeRows(table, chosen);
  const columns = new Map<string, Vector>();
  space.texts.forEach((name, place) => {
    const cells = readStrings(rows.getChild(name) as Vector);
    const spared = cells.map((cell) => (cell === null ? null : withoutGrams(cell, place, new Set(items))));
    if (spared.some((cell, row) => cell !== cells[row])) columns.set(name, vectorFromArray(spared, new Utf8()));
  });
  const { places } = partsOf(space, table, items, chosen);
  if (places.size > 0) {
    const names = [...places].map((place) => space.columns[place]?.name ?? '');
    const given = takeRows(table.select(names), donors);
    for (const name of names) columns.set(name, given.getChild(name) as Vector);
  }
  return columns.size === 0 ? rows : withColumns(rows, columns);
}
