import type { Baseline } from '../baseline/index.js';
import { fixLists, takeRows } from '../encode/index.js';
import { type IntakeLimits, readAgain, type Shard } from '../intake/index.js';
import type { Models } from '../model/index.js';
import type { ObjectStore } from '../store/index.js';
import { knownColumns, wantedFiles } from './kept-rows.js';

/** Rows of a shard that are wanted as they are. */
export interface WantedRows {
  readonly shard: Shard;
  /** Its place in the batch. */
  readonly number: number;
  /** What it held when it was scored. */
  readonly sha256: string | null;
  /** Ascending. */
  readonly rows: readonly number[];
}

interface Taking {
  readonly columns: Baseline['columns'];
  readonly limits: IntakeLimits;
  readonly models: Models;
  /** Where the rows of each shard go. */
  readonly folder: string;
}

/**
 * Reads a shard again and writes the wanted rows to its file in the folder: whatever is decided by them must be of what
 * was scored.
 * @throws Transient READ_FAILED, also where the shard is no longer what was scored; WRITE_FAILED
 */
export async function takeWanted(
  store: ObjectStore,
  { number, shard, sha256, rows }: WantedRows,
  { columns, limits, models, folder }: Taking,
): Promise<void> {
  const table = fixLists(await readAgain(store, { ...shard, sha256 }, limits), columns);
  const seen = await models.apply(takeRows(table, Int32Array.from(rows)));
  await wantedFiles(folder).write(number, { rows, table: knownColumns(seen, columns) });
}
