import type { Table } from 'apache-arrow';
import {
  type ColumnRole,
  countWithoutScores,
  type GivenProbabilities,
  listSize,
  readGivenScores,
} from '../encode/index.js';
import type { Matrix } from '../linear/index.js';
import { greatestShare } from '../verify/index.js';
import { type RowsToFit, unusable } from './usable.js';

/** Probabilities of the user's own model, read from the rows to fit on. */
export interface GivenScores {
  readonly given: GivenProbabilities;
  /** Log probabilities, rows × classes; NaN in rows that have none. */
  readonly scores: Matrix;
  readonly note: string;
}

/** Fewer rows calibrate nothing. */
const MIN_ROWS = 30;

/**
 * The column of probabilities by which labels are to be judged; undefined without one or without labels.
 * @throws BadInput of the rows' code when there are several, or its items are no probabilities of the classes
 */
export function readGiven(
  table: Table,
  columns: readonly ColumnRole[],
  classes: readonly string[],
  rows: RowsToFit,
): GivenScores | undefined {
  const [column, another] = columns.filter(({ role }) => role === 'pred_probs');
  if (column === undefined || classes.length === 0) return undefined;
  if (another !== undefined) {
    const detail = `has probabilities in several columns: ${column.name}, ${another.name}`;
    throw unusable(rows, detail, 'Say in a contract which of them is pred_probs, and ignore the others.');
  }
  const read = { column: column.name, classOf: placeClasses(table, column, classes, rows), classes: classes.length };
  const scores = readGivenScores(table, read);
  const without = countWithoutScores(scores);
  if (scores.rows - without < MIN_ROWS) {
    const detail = `has only ${scores.rows - without} of ${scores.rows} rows with probabilities that sum to 1 in column ${column.name}`;
    throw unusable(rows, detail, 'Write probabilities, not scores before the softmax, or ignore the column.');
  }
  const but =
    without === 0
      ? ''
      : `; ${without} of ${scores.rows} ${rows.code === 'BATCH_UNUSABLE' ? 'rows of its sample' : 'trusted rows'} have none that sum to 1`;
  return {
    given: { ...read, mostWithout: greatestShare(without, scores.rows) },
    scores,
    note: `Labels are judged by the probabilities in column ${column.name}${but}. They must come from a model that was not trained on the row.`,
  };
}

function placeClasses(table: Table, column: ColumnRole, classes: readonly string[], rows: RowsToFit): Int32Array {
  const type = table.schema.fields.find(({ name }) => name === column.name)?.type;
  const size = type === undefined ? undefined : listSize(type);
  const order = column.classes ?? classes;
  if (size !== order.length) {
    const has = `has ${size === undefined ? 'no' : size} probabilities a row in column ${column.name}`;
    const wanted =
      column.classes === undefined ? `the label has ${order.length} values` : `its classes are ${order.length}`;
    throw unusable(
      rows,
      `${has}, ${wanted}`,
      'List in the contract, as `classes` of that column, the class of each item.',
    );
  }
  const missing = classes.find((name) => !order.includes(name));
  if (missing !== undefined) {
    const detail = `has rows labelled ${missing}, which is not among the classes of column ${column.name}`;
    throw unusable(rows, detail, 'Correct `classes` in the contract.');
  }
  const indices = new Map(classes.map((name, index) => [name, index]));
  return Int32Array.from(order, (name) => indices.get(name) ?? -1);
}

/** What the user should know of labels being judged so. */
export function notesOnGiven(given: GivenScores | undefined, features: readonly string[]): string[] {
  if (given === undefined) return [];
  const alone = 'Rows are judged by their probabilities alone: without other columns nothing is said of outliers.';
  return [given.note, ...(features.length === 0 ? [alone] : [])];
}
