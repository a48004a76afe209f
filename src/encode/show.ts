import type { Table } from 'apache-arrow';
import { isTime, readNumbers, readStrings } from './columns.js';

/** A row's cells as a person would write them. */
export function showCells(table: Table, row: number): Map<string, string> {
  return new Map(
    table.schema.fields.map(({ name, type }) => {
      const column = table.getChild(name)?.slice(row, row + 1);
      if (column === undefined) return [name, 'null'];
      if (!isTime(type)) return [name, readStrings(column)[0] ?? 'null'];
      const time = readNumbers(column)[0] as number;
      return [name, Math.abs(time) <= 8.64e15 ? new Date(time).toISOString().replace('T00:00:00.000Z', '') : 'null'];
    }),
  );
}
