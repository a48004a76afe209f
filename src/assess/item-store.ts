import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { type CodedRows, hashItems, idsOf, NO_ITEMS, type RowItems, type UnhashedItems } from '../detect/index.js';
import { orWriteFailed } from '../store/index.js';
import { orMissing } from './scratch-files.js';

/** Where the items of each row wait until they are counted; a shard's place is its number in the batch. */
export interface ItemStore {
  write(shard: number, items: UnhashedItems): Promise<void>;
  /** Of a shard that was not written: no rows. */
  read(shard: number): Promise<RowItems>;
  /** The same without the hashes, which are most of it. */
  readCoded(shard: number): Promise<CodedRows>;
  /** Only the hashes, of all rows or of some, whichever row they are of. */
  readIds(shard: number, rows?: Int32Array): Promise<Float64Array>;
}

type Unhashed = Pick<UnhashedItems, 'grams' | 'values'>;

/** Two files a shard in a folder of this scan alone. @throws Transient WRITE_FAILED */
export function itemFiles(folder: string): ItemStore {
  const fileOf = (shard: number) => join(folder, `items-${shard}`);
  const idFileOf = (shard: number) => join(folder, `item-ids-${shard}`);
  const readCoded = (shard: number) =>
    orMissing(async () => deserialize(await readFile(fileOf(shard))) as CodedRows, NO_ITEMS);
  const readUnhashed = async (shard: number): Promise<UnhashedItems> => {
    const [coded, unhashed] = await Promise.all([
      readCoded(shard),
      orMissing(async () => deserialize(await readFile(idFileOf(shard))) as Unhashed, NO_ITEMS),
    ]);
    return { ...unhashed, ...coded };
  };
  return {
    write: (shard, { grams, values, ...coded }) =>
      orWriteFailed(folder, async () => {
        await writeFile(idFileOf(shard), serialize({ grams, values } satisfies Unhashed));
        await writeFile(fileOf(shard), serialize(coded));
      }),
    read: async (shard) => hashItems(await readUnhashed(shard)),
    readCoded,
    readIds: async (shard, rows) => idsOf(await readUnhashed(shard), rows),
  };
}
