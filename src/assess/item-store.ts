import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { type CodedRows, NO_ITEMS, type RowItems } from '../detect/index.js';
import { orWriteFailed } from '../store/index.js';
import { aligned, bytesOf, orMissing } from './scratch-files.js';

/** Where the items of each row wait until they are counted; a shard's place is its number in the batch. */
export interface ItemStore {
  write(shard: number, items: RowItems): Promise<void>;
  /** Of a shard that was not written: no rows. */
  read(shard: number): Promise<RowItems>;
  /** The same without the hashes, which are most of it. */
  readCoded(shard: number): Promise<CodedRows>;
  /** Only the hashes, whichever row they are of. */
  readIds(shard: number): Promise<Float64Array>;
}

/** Two files a shard in a folder of this scan alone. @throws Transient WRITE_FAILED */
export function itemFiles(folder: string): ItemStore {
  const fileOf = (shard: number) => join(folder, `items-${shard}`);
  const idFileOf = (shard: number) => join(folder, `item-ids-${shard}`);
  const readIds = (shard: number) => orMissing(() => readIdFile(idFileOf(shard)), NO_ITEMS.ids);
  const readCoded = (shard: number) =>
    orMissing(async () => deserialize(await readFile(fileOf(shard))) as CodedRows, NO_ITEMS);
  return {
    write: (shard, { ids, ...coded }) =>
      orWriteFailed(folder, async () => {
        await writeFile(idFileOf(shard), bytesOf(ids));
        await writeFile(fileOf(shard), serialize(coded));
      }),
    read: async (shard) => ({ ...(await readCoded(shard)), ids: await readIds(shard) }),
    readCoded,
    readIds,
  };
}

async function readIdFile(file: string): Promise<Float64Array> {
  const { buffer, byteOffset, byteLength } = aligned(await readFile(file));
  return new Float64Array(buffer, byteOffset, byteLength / Float64Array.BYTES_PER_ELEMENT);
}
