import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Table, tableFromIPC, tableToIPC } from 'apache-arrow';
import { type Baseline, joinTables } from '../baseline/index.js';
import { fixLists, takeRows } from '../encode/index.js';
import { BadInput } from '../errors.js';
import { type IntakeLimits, parseShard, pinShard, type Shard } from '../intake/index.js';
import type { Models } from '../model/index.js';
import { fileStore, type ObjectStore, orWriteFailed } from '../store/index.js';
import { workInChildren } from './children.js';
import { type BatchJob, processesFor } from './pool.js';

/** Rows of a shard that are wanted as they are. */
export interface WantedRows {
  readonly shard: Shard;
  /** Its place in the batch. */
  readonly number: number;
  /** Ascending. */
  readonly rows: readonly number[];
}

/** Whether the rows could be read; plain data. */
export interface TakenRows {
  readonly isRead: boolean;
}

interface Taking {
  readonly columns: Baseline['columns'];
  readonly limits: IntakeLimits;
  readonly models?: Models;
  /** Where the rows of each shard go. */
  readonly folder: string;
}

/** Reads a shard again and writes the wanted rows to its file in the folder. */
export async function takeWanted(
  store: ObjectStore,
  { number, shard, rows }: WantedRows,
  { columns, limits, models, folder }: Taking,
): Promise<TakenRows> {
  try {
    const table = fixLists(await parseShard(await pinShard(store, shard, limits), limits), columns);
    const seen = (await models?.apply(table, () => {})) ?? table;
    const names = seen.schema.fields.map(({ name }) => name).filter((name) => columns.some((one) => one.name === name));
    const taken = takeRows(seen.select(names), Int32Array.from(rows));
    await orWriteFailed(folder, () => writeFile(takenFile(folder, number), tableToIPC(taken, 'file')));
    return { isRead: true };
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    return { isRead: false };
  }
}

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

function takenFile(folder: string, shard: number): string {
  return join(folder, `taken-${shard}`);
}
