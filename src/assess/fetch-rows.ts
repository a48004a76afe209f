import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Table, tableFromIPC } from 'apache-arrow';
import { joinTables } from '../baseline/index.js';
import { fileStore } from '../store/index.js';
import { workInChildren } from './children.js';
import { type BatchJob, processesFor } from './pool.js';
import { type TakenRows, takenFile, takeWanted, type WantedRows } from './take-wanted.js';

/**
 * The wanted rows as one table, in the order given. Undefined where a shard can no longer be read.
 * @throws Transient READ_FAILED, WRITE_FAILED, PROCESS_DIED
 */
export async function fetchRows(
  wanted: readonly WantedRows[],
  job: Omit<BatchJob, 'onProgress'>,
): Promise<Table | undefined> {
  const { store, baseline, columns, backend, limits, scratch, processes } = job;
  const taking = { columns: baseline.columns, limits, folder: scratch };
  let read = 0;
  const onDone = ({ isRead }: TakenRows) => {
    if (isRead) read++;
  };
  if (store !== fileStore) {
    for (const one of wanted) onDone(await takeWanted(store, one, taking));
  } else {
    const byNumber = new Map(wanted.map((one) => [one.number, one]));
    await workInChildren(wanted, {
      processes: processesFor(
        wanted.map(({ shard }) => shard),
        processes,
      ),
      limits,
      preparation: { baselineFile: join(scratch, 'baseline'), rowsFolder: scratch, backend, columns, limits },
      work: (child, { number }) => child.take(byNumber.get(number) as WantedRows),
      onDone,
    });
  }
  if (read < wanted.length) return undefined;
  const tables: Table[] = [];
  for (const { number } of wanted) tables.push(tableFromIPC(await readFile(takenFile(scratch, number))));
  return joinTables(tables);
}
