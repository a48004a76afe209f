import type { Table, Vector } from 'apache-arrow';
import { type ColumnRole, type NamedColumns, readStrings } from '../encode/index.js';

const FEATURE_ROLES = new Set(['feature', 'text', 'image', 'embedding', 'prompt', 'response']);

/** The columns that rows are judged by. */
export function featureNames(columns: readonly ColumnRole[]): string[] {
  return columns.filter(({ role }) => FEATURE_ROLES.has(role)).map(({ name }) => name);
}

/**
 * What rows are copies of one another by: the columns that they are judged by, as files have them. What a model makes of
 * a row differs in its last digits with the rows beside it, and stands for its inputs. Probabilities count only alone.
 */
export function comparedNames(columns: readonly ColumnRole[], { contract }: NamedColumns): string[] {
  const models = contract?.contract.models ?? [];
  const isMade = (name: string) => models.some((model) => model.name === name);
  const names = [...featureNames(columns).filter((name) => !isMade(name)), ...models.flatMap(({ inputs }) => inputs)];
  const given = columns.filter(({ role }) => role === 'pred_probs').map(({ name }) => name);
  return names.length > 0 ? [...new Set(names)] : given;
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
