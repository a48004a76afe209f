import type { Table, Vector } from 'apache-arrow';
import { type ColumnRole, readStrings } from '../encode/index.js';

const FEATURE_ROLES = new Set(['feature', 'text', 'image', 'embedding', 'prompt', 'response']);

/** The columns that rows are judged by. */
export function featureNames(columns: readonly ColumnRole[]): string[] {
  return columns.filter(({ role }) => FEATURE_ROLES.has(role)).map(({ name }) => name);
}

/** Label values in the order of their class index, and the class of each row: −1 where it has none. */
export function readLabels(table: Table, columns: readonly ColumnRole[]): { classes: string[]; labels: Int32Array } {
  const column = columns.find(({ role }) => role === 'label');
  if (column === undefined) return { classes: [], labels: new Int32Array(table.numRows).fill(-1) };
  const cells = readStrings(table.getChild(column.name) as Vector);
  const classes = [...new Set(cells.filter((cell) => cell !== null))].sort();
  const indices = new Map(classes.map((name, index) => [name, index]));
  return { classes, labels: Int32Array.from(cells, (cell) => (cell === null ? -1 : (indices.get(cell) ?? -1))) };
}
