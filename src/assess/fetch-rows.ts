import { join } from 'node:path';
import type { Table } from 'apache-arrow';
import { joinTables } from '../baseline/index.js';
import { Transient } from '../errors.js';
import { spoolShard } from '../intake/index.js';
import { withModels } from '../model/index.js';
import { isShared } from '../store/index.js';
import { workInChildren } from './children.js';
import { amongKept, type KeptStore, oddestFiles, wantedFiles } from './kept-rows.js';
import { type BatchJob, explain, processesFor } from './pool.js';
import { takeWanted, type WantedRows } from './take-wanted.js';

export type FetchJob = Omit<BatchJob, 'onProgress'>;

/** As fetchTables, in one table. */
export async function fetchRows(wanted: readonly WantedRows[], job: FetchJob): Promise<Table> {
  return joinTables(await fetchTables(wanted, job));
}

/**
 * The wanted rows of each shard, with the columns that the baseline knows; only what was not kept when the shard was
 * scored is read again.
 * @throws Transient READ_FAILED, also where a shard that is read is no longer what was scored; WRITE_FAILED, PROCESS_DIED
 */
export async function fetchTables(wanted: readonly WantedRows[], job: FetchJob): Promise<Table[]> {
  const tables = new Map<number, Table | undefined>();
  const takeFrom = async (files: Pick<KeptStore, 'read'>, some: readonly WantedRows[]) => {
    for (const { number, rows } of some) tables.set(number, amongKept(await files.read(number), rows));
  };
  await takeFrom(oddestFiles(job.scratch), wanted);
  const missing = wanted.filter(({ number }) => tables.get(number) === undefined);
  await readMissing(missing, job);
  await takeFrom(wantedFiles(job.scratch), missing);
  return wanted.map(({ number }) => tables.get(number) as Table);
}

async function readMissing(wanted: readonly WantedRows[], job: FetchJob): Promise<void> {
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
}
