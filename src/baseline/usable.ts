import { BadInput } from '../errors.js';

/** Rows to fit on, as messages name them. */
export interface RowsToFit {
  readonly code: 'BASELINE_UNUSABLE' | 'BATCH_UNUSABLE';
  readonly path: string;
}

/** `flaw` goes on from the rows: "has 20 distinct rows, …". */
export function unusable({ code, path }: RowsToFit, flaw: string, remedy: string): BadInput {
  return new BadInput(code, { path, detail: code === 'BATCH_UNUSABLE' ? `it ${flaw}` : flaw, remedy });
}

/** `few` says of how many rows there are too few. @throws BadInput of the rows' code */
export function requireRows(rows: RowsToFit, few: string | undefined, remedy: string): void {
  if (few !== undefined) throw unusable(rows, `has ${few} cannot tell usual from unusual`, remedy);
}

/** @throws BadInput of the rows' code when there are none */
export function requireFeatures(rows: RowsToFit, features: readonly string[]): void {
  if (features.length > 0) return;
  const flaw = 'has no column to judge rows by: no numbers, categories, text, image or embedding';
  throw unusable(rows, flaw, 'Give --label, --source, --group or --id only for columns that have those roles.');
}

/**
 * A label that is always the same, or has hardly two rows with one value, is another column than was meant, and nothing
 * about it is judged.
 * @throws BadInput of the rows' code
 */
export function requireClasses(rows: RowsToFit, classes: readonly string[], isUnjudged: boolean, remedy: string): void {
  if (classes.length === 0 || (classes.length > 1 && !isUnjudged)) return;
  const is = classes.length === 1 ? `is always ${classes[0]}` : `has ${classes.length} values, too few rows of each`;
  throw unusable(rows, `has a label that ${is}`, `Say with --label which column is the label, or ${remedy}`);
}

/** Fewer than two rows of a class on average. */
export function areNearlyUnique(classes: readonly string[], labels: Int32Array): boolean {
  return 2 * classes.length > labels.filter((label) => label >= 0).length;
}
