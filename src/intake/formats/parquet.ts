import { type Data, RecordBatch, Table, tableFromIPC } from 'apache-arrow';
import type { FileMetaData } from 'hyparquet';
import { messageOf } from '../../errors.js';
import { assertDecoded, type IntakeLimits } from '../limits.js';
import { type Format, startsWith } from './format.js';
import { decodedBytes, ENCRYPTED_MAGIC, MAGIC, readFooter } from './parquet-footer.js';
import { dropBloatedReader, dropReader, type ParquetReader, parquetReader } from './parquet-reader.js';

export const parquet: Format = {
  name: 'Parquet',
  endings: ['parquet', 'pq', 'parq'],
  recognises: (content) => startsWith(content, MAGIC) || startsWith(content, ENCRYPTED_MAGIC),
  parse: async (content, limits) => parseParquet(content, limits),
};

const MEBIBYTE = 2 ** 20;
/** Row groups are decoded together up to this size: the reader holds what it decodes at once. */
const DECODED_AT_ONCE = 128 * MEBIBYTE;
/** Batches leave the reader one by one; smaller ones take longer, larger ones more memory. */
const ROWS_PER_BATCH = 32_768;
/** Room in the reader besides the file and what it decodes to: pages, dictionaries, one batch on its way out. */
const READER_BYTES = 256 * MEBIBYTE;

function parseParquet(content: Uint8Array, limits: IntakeLimits): Table {
  const footer = readFooter(content, limits);
  const reader = parquetReader(content.length + limits.decodedBytes + READER_BYTES);
  const batches: RecordBatch[] = [];
  let bytes = 0;
  for (const part of planParts(footer)) {
    for (const batch of readRowGroups(reader, content, part)) {
      batches.push(batch);
      bytes += bytesOf(batch.data);
      assertDecoded(bytes, limits);
    }
  }
  dropBloatedReader();
  return joinBatches(batches, footer);
}

interface Part {
  /** Indices of row groups to decode together. */
  readonly rowGroups: readonly number[];
  readonly rows: number;
}

/** In order; one empty part for a file without row groups. */
function planParts(footer: FileMetaData): Part[] {
  const parts: { rowGroups: number[]; rows: number }[] = [];
  let planned = Number.POSITIVE_INFINITY;
  for (const [index, group] of footer.row_groups.entries()) {
    const bytes = decodedBytes(group, footer);
    if (planned + bytes > DECODED_AT_ONCE) {
      parts.push({ rowGroups: [], rows: 0 });
      planned = 0;
    }
    const part = parts.at(-1);
    part?.rowGroups.push(index);
    if (part) part.rows += Number(group.num_rows);
    planned += bytes;
  }
  return parts.length > 0 ? parts : [{ rowGroups: [], rows: 0 }];
}

const ERROR_PREFIX = /^(?:Error: |(?:Parquet|Parquet argument) error: |External: )+/;

function* readRowGroups(reader: ParquetReader, content: Uint8Array, part: Part): Generator<RecordBatch> {
  try {
    // One row more than promised shows that there are more; what pages hold beyond that is not decoded.
    const limit = part.rows + 1;
    const decoded = reader.readParquet(content, { rowGroups: [...part.rowGroups], batchSize: ROWS_PER_BATCH, limit });
    const batches = decoded.recordBatches();
    if (batches.length === 0) yield* tableFromIPC(decoded.intoIPCStream()).batches;
    else decoded.free();
    for (const batch of batches) yield* tableFromIPC(batch.intoIPCStream()).batches;
  } catch (error) {
    dropReader();
    throw inPlainWords(error);
  }
}

function inPlainWords(error: unknown): Error {
  if (error instanceof WebAssembly.RuntimeError) {
    return new Error('the reader crashed on it: it is corrupt, or decodes to more than fits into memory', {
      cause: error,
    });
  }
  const message = messageOf(error).replace(ERROR_PREFIX, '');
  return new Error(message, { cause: error });
}

function joinBatches(batches: readonly RecordBatch[], footer: FileMetaData): Table {
  const [first] = batches;
  if (!first) throw new Error('its footer names no row groups to read');
  const table = new Table(
    first.schema,
    batches.map(({ data }) => new RecordBatch(first.schema, data)),
  );
  if (BigInt(table.numRows) !== footer.num_rows) {
    throw new Error(`its footer promises ${footer.num_rows} rows, but it holds ${table.numRows}`);
  }
  return table;
}

function bytesOf({ children, ...data }: Data): number {
  const own = [data.values, data.valueOffsets, data.nullBitmap].reduce((sum, part) => sum + (part?.byteLength ?? 0), 0);
  return children.reduce((sum, child) => sum + bytesOf(child), own);
}
