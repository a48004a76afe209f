import type { Table } from 'apache-arrow';
import { type Baseline, comparedNames, foldOf } from '../baseline/index.js';
import { type NamedColumns, rowDigests } from '../encode/index.js';

/** The baselines that between them judge every row. */
export function judgesOf(baseline: Baseline): Baseline[] {
  return baseline.twin === undefined ? [baseline] : [baseline, baseline.twin];
}

/** Row → which of them judges it: where a batch judges itself, the one that was fitted without the row. */
export function assignJudges({ columns, twin }: Baseline, named: NamedColumns, rows: Table): (row: number) => number {
  if (twin === undefined) return () => 0;
  const digests = rowDigests(rows, comparedNames(columns, named));
  return (row) => foldOf(digests[row] as number);
}
