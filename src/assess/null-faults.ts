import type { Table } from 'apache-arrow';
import type { Baseline } from '../baseline/index.js';
import { share, someOf } from '../count.js';
import { alwaysFilled } from '../encode/index.js';
import { areBeyond, greatestShare } from '../verify/index.js';
import type { ShardFault } from './types.js';

/** Advice on columns that every trusted row fills and many of a shard do not: such rows are odd for that, whatever else they hold. */
export function nullFaults(table: Table, { encoder: { tabular }, rows, twin }: Baseline): ShardFault[] {
  if (tabular === null || twin !== undefined) return [];
  const filled = new Set(alwaysFilled(tabular));
  const usual = greatestShare(0, rows);
  const empty = table.schema.fields.flatMap(({ name }, place) => {
    const nulls = filled.has(name) ? (table.getChildAt(place)?.nullCount ?? 0) : 0;
    return areBeyond(nulls, table.numRows, usual) ? [{ name, nulls }] : [];
  });
  if (empty.length === 0) return [];
  const shown = someOf(empty.map(({ name, nulls }) => `${name} (${share(nulls / table.numRows)})`));
  const summary = `rows have no value in ${shown}, where every trusted row has one: for that alone they are unlike trusted rows`;
  return [{ kind: 'schema', summary, numbers: { columns: empty.length }, holds: false }];
}
