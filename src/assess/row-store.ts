import { deserialize, serialize } from 'node:v8';
import type { SignedRows } from '../detect/index.js';
import { type Parts, readPart } from './assessed-file.js';
import { bytesOf } from './scratch-files.js';
import type { ShardRows } from './types.js';

/** Where what is known of each row waits until the rows are marked; a shard's place is its number in the batch. */
export interface RowStore {
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

/** In a folder of this scan alone. */
export function rowFiles(folder: string): RowStore {
  const readSigned = async (shard: number) => {
    const content = await readPart(folder, shard, 'signatures');
    return content === undefined ? NO_ROWS : decodeSigned(content);
  };
  return {
    read: async (shard) => {
      const [rest, signed] = await Promise.all([readPart(folder, shard, 'rows'), readSigned(shard)]);
      if (rest === undefined) return NO_ROWS;
      return { ...(deserialize(rest) as Omit<ShardRows, keyof SignedRows>), ...signed };
    },
    readSigned,
  };
}

/** What is known of rows as it waits there. */
export function rowPieces({ labels, signatures, ...rest }: ShardRows): Parts {
  return { rows: [serialize(rest)], signatures: signedPieces({ labels, signatures }) };
}

/** Numbers as they are in memory: signatures per row, rows, all signatures, all labels. */
function signedPieces({ labels, signatures: { perRow, values } }: SignedRows): Uint8Array[] {
  const head = Float64Array.of(perRow, labels.length);
  return [head, values, labels].map(bytesOf);
}

function decodeSigned({ buffer, byteOffset }: Uint8Array): SignedRows {
  const [perRow = 1, rows = 0] = new Float64Array(buffer, byteOffset, 2);
  const values = new Float64Array(buffer, byteOffset + 16, perRow * rows);
  return {
    signatures: { perRow, values },
    labels: new Int32Array(buffer, byteOffset + 16 + values.byteLength, rows),
  };
}
