import type { Table } from 'apache-arrow';
import type { Baseline } from '../baseline/index.js';
import { share } from '../count.js';
import { countWithoutScores, readGivenScores } from '../encode/index.js';
import { CHUNK_ROWS } from '../linear/index.js';
import { areBeyond } from '../verify/index.js';
import type { ShardFault } from './types.js';

/** Rows whose labels go unchecked because their probabilities are none: more of them than usual would be a way around the check. */
export function givenFaults(table: Table, { given }: Baseline): ShardFault[] {
  if (given === null) return [];
  let rows = 0;
  for (let from = 0; from < table.numRows; from += CHUNK_ROWS) {
    rows += countWithoutScores(readGivenScores(table.slice(from, from + CHUNK_ROWS), given));
  }
  if (rows === 0) return [];
  const holds = areBeyond(rows, table.numRows, given.mostWithout);
  const usual = holds ? `, more than the ${share(given.mostWithout)} that the rows judged by lead to expect` : '';
  const summary = `${rows} of ${table.numRows} rows have no probabilities that sum to 1 in column ${given.column}${usual}; their labels are not checked`;
  return [{ kind: 'schema', summary, numbers: { column: given.column, rows }, holds }];
}
