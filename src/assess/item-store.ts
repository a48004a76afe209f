import { type CodedRows, hashItems, idsOf, NO_ITEMS, type RowItems, type UnhashedItems } from '../detect/index.js';
import { type Parts, readPart, withPart } from './assessed-file.js';
import { pack, unpack } from './packed.js';

/** Where the items of each row wait until they are counted; a shard's place is its number in the batch. */
export interface ItemStore {
  /** Of a shard that was not written: no rows. */
  read(shard: number): Promise<RowItems>;
  /** The same without the hashes, which are most of it. */
  readCoded(shard: number): Promise<CodedRows>;
  /** The same for as long as `use` takes, which keeps nothing of it. */
  withCoded<T>(shard: number, use: (coded: CodedRows) => T | Promise<T>): Promise<T>;
  /** Only the hashes, of all rows or of some, whichever row they are of. */
  readIds(shard: number, rows?: Int32Array): Promise<Float64Array>;
}

type Unhashed = Pick<UnhashedItems, 'grams' | 'values'>;

/** In a folder of this scan alone. */
export function itemFiles(folder: string): ItemStore {
  const readCoded = async (shard: number): Promise<CodedRows> => {
    const content = readPart(folder, shard, 'items');
    return content === undefined ? NO_ITEMS : unpack(content);
  };
  const withCoded = <T>(shard: number, use: (coded: CodedRows) => T | Promise<T>): Promise<T> =>
    withPart(folder, shard, 'items', (content) => use(content === undefined ? NO_ITEMS : unpack(content)));
  const withUnhashed = <T>(shard: number, coded: CodedRows, use: (items: UnhashedItems) => T): Promise<T> =>
    withPart(folder, shard, 'item-ids', (content) => {
      const unhashed: Unhashed = content === undefined ? NO_ITEMS : unpack(content);
      return use({ ...unhashed, ...coded });
    });
  return {
    read: async (shard) => withUnhashed(shard, await readCoded(shard), hashItems),
    readCoded,
    withCoded,
    readIds: (shard, rows) => withCoded(shard, (coded) => withUnhashed(shard, coded, (items) => idsOf(items, rows))),
  };
}

/** Items as they wait there. */
export function itemPieces({ grams, values, ...coded }: UnhashedItems): Parts {
  return { items: pack(coded), 'item-ids': pack({ grams, values } satisfies Unhashed) };
}
