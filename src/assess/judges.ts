import type { Table } from 'apache-arrow';
import { type Baseline, comparedNames, foldOf } from '../baseline/index.js';
import { type NamedColumns, rowDigests } from '../encode/index.js';

/** The baselines that between them judge every row. */
export function judgesOf(baseline: Baseline): Baseline[] {
  return baseline.twin === undefined ? [baseline] : [baseline, baseline.twin];
}

/** Row → which of them judges it: where a batch judges itself, the one that was fitted without the row. */
export function assignJudges(digests: Float64Array | undefined): (row: number) => number {
  return digests === undefined ? () => 0 : (row) => foldOf(digests[row] as number);
}

/** Tells rows and their copies from others; needed only where a batch judges itself. */
export function digestsOf({ columns, twin }: Baseline, named: NamedColumns, rows: Table): Float64Array | undefined {
  return twin === undefined ? undefined : rowDigests(rows, comparedNames(columns, named));
}
