import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { NO_ITEMS, type RowItems } from '../detect/index.js';
import { orWriteFailed } from '../store/index.js';

/** Where the items of each row wait until they are counted; a shard's place is its number in the batch. */
export interface ItemStore {
  write(shard: number, items: RowItems): Promise<void>;
  /** Of a shard that was not written: no rows. */
  read(shard: number): Promise<RowItems>;
}

/** One file a shard in a folder of this scan alone. @throws Transient WRITE_FAILED */
export function itemFiles(folder: string): ItemStore {
  const fileOf = (shard: number) => join(folder, `items-${shard}`);
  return {
    write: (shard, items) => orWriteFailed(folder, () => writeFile(fileOf(shard), serialize(items))),
    read: async (shard) => {
      try {
        return deserialize(await readFile(fileOf(shard))) as RowItems;
      } catch (cause) {
        if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return NO_ITEMS;
        throw cause;
      }
    },
  };
}
