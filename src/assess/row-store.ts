import type { SignedRows } from '../detect/index.js';
import { type Parts, readPart, withPart } from './assessed-file.js';
import { pack, unpack } from './packed.js';
import type { ShardRows } from './types.js';

/** Where what is known of each row waits until the rows are marked; a shard's place is its number in the batch. */
export interface RowStore {
  /** Of a shard that was not written: no rows. */
  read(shard: number): Promise<ShardRows>;
  /** Only what says which rows are alike: in a small part of the time. */
  readSigned(shard: number): Promise<SignedRows>;
  /** The same for as long as `use` takes, which keeps nothing of it. */
  withSigned<T>(shard: number, use: (signed: SignedRows) => T): Promise<T>;
}

export const NO_ROWS: ShardRows = {
  detectors: [],
  labels: new Int32Array(0),
  sourceOf: new Int32Array(0),
  signatures: { perRow: 1, values: new Float64Array(0) },
  judgeOf: new Uint8Array(0),
  places: new Float32Array(0),
};

/** In a folder of this scan alone. */
export function rowFiles(folder: string): RowStore {
  const signedIn = (content: Buffer | undefined): SignedRows => (content === undefined ? NO_ROWS : unpack(content));
  const signedOf = (shard: number) => signedIn(readPart(folder, shard, 'signatures'));
  return {
    read: async (shard) => {
      const rest = readPart(folder, shard, 'rows');
      if (rest === undefined) return NO_ROWS;
      return { ...unpack<Omit<ShardRows, keyof SignedRows>>(rest), ...signedOf(shard) };
    },
    readSigned: async (shard) => signedOf(shard),
    withSigned: (shard, use) => withPart(folder, shard, 'signatures', (content) => use(signedIn(content))),
  };
}

/** What is known of rows as it waits there. */
export function rowPieces({ labels, signatures, ...rest }: ShardRows): Parts {
  return { rows: pack(rest), signatures: pack({ labels, signatures } satisfies SignedRows) };
}
