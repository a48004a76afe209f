import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Table, tableFromIPC } from 'apache-arrow';
import { joinTables } from '../baseline/index.js';
import { Transient } from '../errors.js';
import { spoolShard } from '../intake/index.js';
import { withModels } from '../model/index.js';
import { isShared } from '../store/index.js';
import { workInChildren } from './children.js';
import { type BatchJob, explain, processesFor } from './pool.js';
import { takenFile, takeWanted, type WantedRows } from './take-wanted.js';

export type FetchJob = Omit<BatchJob, 'onProgress'>;

/** As fetchTables, in one table. */
export async function fetchRows(wanted: readonly WantedRows[], job: FetchJob): Promise<Table> {
  return joinTables(await fetchTables(wanted, job));
}

/**
 * The wanted rows of each shard, with the columns that the baseline knows.
 * @throws Transient READ_FAILED, also where a shard is no longer what was scored; WRITE_FAILED, PROCESS_DIED
 */
export async function fetchTables(wanted: readonly WantedRows[], job: FetchJob): Promise<Table[]> {
  const { store, crew, baseline, columns, backend, limits, scratch, processes } = job;
  if (!isShared(store)) {
    await withModels(columns.contract, backend, async (models) => {
      const taking = { columns: baseline.columns, limits, models, folder: scratch };
      for (const one of wanted) await takeWanted(store, one, taking);
    });
  } else {
    const byNumber = new Map(wanted.map((one) => [one.number, one]));
    const [fatal] = await workInChildren(wanted, {
      crew,
      processes: processesFor(
        wanted.map(({ shard }) => shard),
        processes,
      ),
      preparation: { baselineFile: join(scratch, 'baseline'), rowsFolder: scratch, backend, columns, limits },
      fetch: ({ number, shard }) => spoolShard(job, shard, byNumber.get(number)?.sha256),
      work: (child, { number, shard }) => child.take({ ...(byNumber.get(number) as WantedRows), shard }),
      onDone: () => {},
    });
    if (fatal !== undefined) {
      throw new Transient('READ_FAILED', { path: fatal.shard.uri, detail: explain(fatal, limits) });
    }
  }
  const tables: Table[] = [];
  for (const { number } of wanted) tables.push(tableFromIPC(await readFile(takenFile(scratch, number))));
  return tables;
}
