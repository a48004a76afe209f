import { RecordBatchFileWriter, type Table, tableToIPC } from 'apache-arrow';
import { defaultLimits } from '../limits.js';
import { dropBloatedReader, dropReader, parquetReader } from './parquet-reader.js';

/** A table as a file, and the ending that goes with it. */
export interface EncodedTable {
  readonly ending: 'parquet' | 'arrow';
  readonly content: Uint8Array;
}

/** As Parquet, compressed with zstd; as an Arrow IPC file where it holds types that Parquet does not know. */
export function encodeTable(table: Table): EncodedTable {
  try {
    return { ending: 'parquet', content: writeParquet(table) };
  } catch {
    // Unions and dictionaries of lists, for which the writer has an error at best.
    dropReader();
    return { ending: 'arrow', content: RecordBatchFileWriter.writeAll(table).toUint8Array(true) };
  }
}

function writeParquet(table: Table): Uint8Array {
  const stream = tableToIPC(table, 'stream');
  const parquet = parquetReader(stream.length + defaultLimits.decodedBytes);
  const properties = new parquet.WriterPropertiesBuilder().setCompression(parquet.Compression.ZSTD).build();
  const content = parquet.writeParquet(parquet.Table.fromIPCStream(stream), properties);
  dropBloatedReader();
  return content;
}
