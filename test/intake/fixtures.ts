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
