import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { orWriteFailed } from '../store/index.js';
import type { ShardRows } from './types.js';

/** Where what is known of each row waits until the rows are marked; a shard's place is its number in the batch. */
export interface RowStore {
  write(shard: number, rows: ShardRows): Promise<void>;
  /** Of a shard that was not written: no rows. */
  read(shard: number): Promise<ShardRows>;
}

export const NO_ROWS: ShardRows = {
  detectors: [],
  labels: new Int32Array(0),
  sourceOf: new Int32Array(0),
  signatures: { perRow: 1, values: new Float64Array(0) },
};

/** One file a shard in a folder of this scan alone. @throws Transient WRITE_FAILED */
export function rowFiles(folder: string): RowStore {
  const fileOf = (shard: number) => join(folder, `rows-${shard}`);
  return {
    write: (shard, rows) => orWriteFailed(folder, () => writeFile(fileOf(shard), serialize(rows))),
    read: async (shard) => {
      try {
        return deserialize(await readFile(fileOf(shard))) as ShardRows;
      } catch (cause) {
        if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return NO_ROWS;
        throw cause;
      }
    },
  };
}
