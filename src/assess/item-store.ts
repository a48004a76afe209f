import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { NO_ITEMS, type RowItems } from '../detect/index.js';
import { orWriteFailed } from '../store/index.js';
import { aligned, bytesOf, orMissing } from './scratch-files.js';

/** Where the items of each row wait until they are counted; a shard's place is its number in the batch. */
export interface ItemStore {
  write(shard: number, items: RowItems): Promise<void>;
  /** Of a shard that was not written: no rows. */
  read(shard: number): Promise<RowItems>;
  /** Only the hashes, whichever row they are of. */
  readIds(shard: number): Promise<Float64Array>;
  /** How many hashes there are. */
  countIds(shard: number): Promise<number>;
}

/** Two files a shard in a folder of this scan alone. @throws Transient WRITE_FAILED */
export function itemFiles(folder: string): ItemStore {
  const fileOf = (shard: number) => join(folder, `items-${shard}`);
  const idFileOf = (shard: number) => join(folder, `item-ids-${shard}`);
  const readIds = (shard: number) => orMissing(() => readIdFile(idFileOf(shard)), NO_ITEMS.ids);
  return {
    write: (shard, { ids, ...rest }) =>
      orWriteFailed(folder, async () => {
        await writeFile(idFileOf(shard), bytesOf(ids));
        await writeFile(fileOf(shard), serialize(rest));
      }),
    read: (shard) =>
      orMissing(async () => {
        const [rest, ids] = await Promise.all([readFile(fileOf(shard)), readIds(shard)]);
        return { ...(deserialize(rest) as Omit<RowItems, 'ids'>), ids };
      }, NO_ITEMS),
    readIds,
    countIds: (shard) => orMissing(async () => (await stat(idFileOf(shard))).size / Float64Array.BYTES_PER_ELEMENT, 0),
  };
}

async function readIdFile(file: string): Promise<Float64Array> {
  const { buffer, byteOffset, byteLength } = aligned(await readFile(file));
  return new Float64Array(buffer, byteOffset, byteLength / Float64Array.BYTES_PER_ELEMENT);
}
