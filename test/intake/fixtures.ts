import { createHash } from 'node:crypto';
import { type Table, tableToIPC } from 'apache-arrow';
import { Compression, Table as ParquetTable, WriterPropertiesBuilder, writeParquet } from 'parquet-wasm';
import type { PinnedShard } from '../../src/intake/index.js';

export function pinned(content: Uint8Array | string, path = 'shard'): PinnedShard {
  const bytes = Buffer.from(content);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { path, uri: `/batch/${path}`, bytes: bytes.length, sha256, content: bytes };
}

export function parquetFile(table: Table, compression = Compression.SNAPPY, rowsPerGroup = 1_000_000): Uint8Array {
  const properties = new WriterPropertiesBuilder().setCompression(compression).setMaxRowGroupSize(rowsPerGroup).build();
  return writeParquet(ParquetTable.fromIPCStream(tableToIPC(table, 'stream')), properties);
}

export function columnOf(table: Table, name: string): unknown[] {
  const column = table.getChild(name);
  if (!column) throw new Error(`no column ${name}`);
  return [...column];
}

const ZSTD_BLOCK_BYTES = 2 ** 17;

/** The bytes as they are, in blocks of a zstd frame. */
export function zstdFrame(data: Uint8Array): Buffer {
  const blocks = [];
  for (let start = 0; start === 0 || start < data.length; start += ZSTD_BLOCK_BYTES) {
    const block = data.subarray(start, start + ZSTD_BLOCK_BYTES);
    blocks.push(zstdBlockHeader(0, block.length, start + ZSTD_BLOCK_BYTES >= data.length), block);
  }
  return Buffer.concat([ZSTD_HEADER, ...blocks]);
}

/** A zstd frame of a few bytes that stands for many equal ones. */
export function zstdRun(length: number, byte = 0): Buffer {
  const blocks = [];
  for (let start = 0; start === 0 || start < length; start += ZSTD_BLOCK_BYTES) {
    const size = Math.min(ZSTD_BLOCK_BYTES, length - start);
    blocks.push(zstdBlockHeader(1, size, start + size >= length), Buffer.of(byte));
  }
  return Buffer.concat([ZSTD_HEADER, ...blocks]);
}

/** An LZ4 frame of a few bytes that stands for at least 32 equal ones: a literal, a match of distance 1, five literals. */
export function lz4Run(length: number, byte = 0): Buffer {
  const rest = length - 1 - 4 - 15 - 5;
  const goesOn = [...Array<number>(Math.floor(rest / 255)).fill(255), rest % 255];
  const block = Buffer.of(0x1f, byte, 1, 0, ...goesOn, 0x50, byte, byte, byte, byte, byte);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(block.length);
  return Buffer.concat([Buffer.from('04224d18604082', 'hex'), size, block, Buffer.alloc(4)]);
}

/** Magic number, no content size, no checksum, a window of 1 MiB. */
const ZSTD_HEADER = Buffer.from('28b52ffd0050', 'hex');

function zstdBlockHeader(type: 0 | 1, length: number, isLast: boolean): Buffer {
  const header = Buffer.alloc(3);
  header.writeUIntLE((length << 3) | (type << 1) | Number(isLast), 0, 3);
  return header;
}
