import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { SignedRows } from '../detect/index.js';
import { orWriteFailed } from '../store/index.js';
import { aligned, bytesOf, orMissing } from './scratch-files.js';
import type { ShardRows } from './types.js';

/** Where what is known of each row waits until the rows are marked; a shard's place is its number in the batch. */
export interface RowStore {
  write(shard: number, rows: ShardRows): Promise<void>;
  /** Of a shard that was not written: no rows. */
  read(shard: number): Promise<ShardRows>;
  /** Only what says which rows are alike: in a small part of the time. */
  readSigned(shard: number): Promise<SignedRows>;
}

export const NO_ROWS: ShardRows = {
  detectors: [],
  labels: new Int32Array(0),
  sourceOf: new Int32Array(0),
  signatures: { perRow: 1, values: new Float64Array(0) },
  judgeOf: new Uint8Array(0),
  places: new Float32Array(0),
};

/** Two files a shard in a folder of this scan alone. @throws Transient WRITE_FAILED */
export function rowFiles(folder: string): RowStore {
  const fileOf = (shard: number) => join(folder, `rows-${shard}`);
  const signedFileOf = (shard: number) => join(folder, `signatures-${shard}`);
  const readSigned = (shard: number) => orMissing(() => readSignedFile(signedFileOf(shard)), NO_ROWS);
  return {
    write: (shard, { labels, signatures, ...rest }) =>
      orWriteFailed(folder, async () => {
        await writeFile(signedFileOf(shard), encodeSigned({ labels, signatures }));
        await writeFile(fileOf(shard), serialize(rest));
      }),
    read: (shard) =>
      orMissing(async () => {
        const [rest, signed] = await Promise.all([readFile(fileOf(shard)), readSigned(shard)]);
        return { ...(deserialize(rest) as Omit<ShardRows, keyof SignedRows>), ...signed };
      }, NO_ROWS),
    readSigned,
  };
}

/** Numbers as they are in memory: signatures per row, rows, all signatures, all labels. */
function encodeSigned({ labels, signatures: { perRow, values } }: SignedRows): Uint8Array {
  const head = Float64Array.of(perRow, labels.length);
  return Buffer.concat([head, values, labels].map(bytesOf));
}

async function readSignedFile(file: string): Promise<SignedRows> {
  const { buffer, byteOffset } = aligned(await readFile(file));
  const [perRow = 1, rows = 0] = new Float64Array(buffer, byteOffset, 2);
  const values = new Float64Array(buffer, byteOffset + 16, perRow * rows);
  return {
    signatures: { perRow, values },
    labels: new Int32Array(buffer, byteOffset + 16 + values.byteLength, rows),
  };
}
