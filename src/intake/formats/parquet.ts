import { createRequire } from 'node:module';
import { RecordBatch, Table, tableFromIPC } from 'apache-arrow';
import { type FileMetaData, parquetMetadata } from 'hyparquet';
import { endsWith, type Format, startsWith } from './format.js';

export const parquet: Format = {
  name: 'Parquet',
  recognises: (content) => startsWith(content, 'PAR1'),
  parse: async (content) => parseParquet(content),
};

type Reader = typeof import('parquet-wasm');

const MEBIBYTE = 2 ** 20;
/** Row groups are decoded together up to this size: the reader holds two copies of them within its 4 GiB. */
const DECODED_AT_ONCE = 256 * MEBIBYTE;
/** A row group above this does not fit the reader beside its copies, and would fail only after long work. */
const LARGEST_ROW_GROUP = 1280 * MEBIBYTE;
/** WebAssembly memory never shrinks: a reader grown beyond this is dropped after use. */
const READER_KEPT = 512 * MEBIBYTE;
const ROWS_PER_BATCH = 65_536;

function parseParquet(content: Uint8Array): Table {
  if (!endsWith(content, 'PAR1')) throw new Error('it does not end in a Parquet footer, so part of it is missing');
  const footer = readFooter(content);
  const parts = planParts(footer).map((rowGroups) => readRowGroups(content, rowGroups));
  const [first] = parts;
  if (!first) throw new Error('its footer names no row groups to read');
  const batches = parts.flatMap((part) => part.batches.map((batch) => new RecordBatch(first.schema, batch.data)));
  const table = new Table(first.schema, batches);
  if (BigInt(table.numRows) !== footer.num_rows) {
    throw new Error(`its footer promises ${footer.num_rows} rows, but it holds ${table.numRows}`);
  }
  return table;
}

function readFooter(content: Uint8Array): FileMetaData {
  try {
    return parquetMetadata(content);
  } catch (error) {
    throw new Error('its footer is corrupt', { cause: error });
  }
}

/** Indices of row groups to decode together, in order; one empty list for a file without any. */
function planParts({ row_groups: groups }: FileMetaData): number[][] {
  const parts: number[][] = [[]];
  let planned = 0;
  for (const [index, group] of groups.entries()) {
    const bytes = Number(group.total_byte_size);
    if (bytes > LARGEST_ROW_GROUP) {
      const size = Math.ceil(bytes / MEBIBYTE);
      throw new Error(
        `row group ${index} decodes to ${size} MiB: write row groups below ${LARGEST_ROW_GROUP / MEBIBYTE} MiB`,
      );
    }
    if (planned > 0 && planned + bytes > DECODED_AT_ONCE) {
      parts.push([]);
      planned = 0;
    }
    parts.at(-1)?.push(index);
    planned += bytes;
  }
  return parts;
}

const ERROR_PREFIX = /^(?:Error: |(?:Parquet|Parquet argument) error: |External: )+/;
const require = createRequire(import.meta.url);
let reader: Reader | undefined;

/** Loaded through `require` because only then can a broken or bloated instance be thrown away. */
function readerInstance(): Reader {
  reader ??= require('parquet-wasm') as Reader;
  return reader;
}

function dropReader(): void {
  delete require.cache[require.resolve('parquet-wasm')];
  reader = undefined;
}

function readRowGroups(content: Uint8Array, rowGroups: number[]): Table {
  const instance = readerInstance();
  try {
    const decoded = instance.readParquet(content, { rowGroups, batchSize: ROWS_PER_BATCH });
    const part = tableFromIPC(decoded.intoIPCStream());
    const memory = instance.wasmMemory() as WebAssembly.Memory;
    if (memory.buffer.byteLength > READER_KEPT) dropReader();
    return part;
  } catch (error) {
    // Whatever failed may have left the instance half-way through its work: the next shard gets a new one.
    dropReader();
    if (error instanceof WebAssembly.RuntimeError) {
      throw new Error('the reader crashed on it: it is corrupt, or decodes to more than 4 GiB', { cause: error });
    }
    throw new Error(String(error instanceof Error ? error.message : error).replace(ERROR_PREFIX, ''), { cause: error });
  }
}
