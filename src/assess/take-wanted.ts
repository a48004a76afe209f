import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tableToIPC } from 'apache-arrow';
import type { Baseline } from '../baseline/index.js';
import { fixLists, takeRows } from '../encode/index.js';
import { BadInput } from '../errors.js';
import { type IntakeLimits, parseShard, pinShard, type Shard } from '../intake/index.js';
import type { Models } from '../model/index.js';
import { type ObjectStore, orWriteFailed } from '../store/index.js';

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

export function takenFile(folder: string, shard: number): string {
  return join(folder, `taken-${shard}`);
}
