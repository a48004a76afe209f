import { type FileMetaData, parquetMetadata, type RowGroup, type SchemaElement } from 'hyparquet';
import { assertColumns, assertDecoded, assertRows, beyondLimit, type IntakeLimits } from '../limits.js';
import { endsWith } from './format.js';

export const MAGIC = 'PAR1';
/** Of files whose footer is encrypted as well. */
export const ENCRYPTED_MAGIC = 'PARE';
const ENCRYPTED = 'it is encrypted: write it without encryption';

/** The footer of a file that nothing in it keeps from being read within the limits. */
export function readFooter(content: Uint8Array, limits: IntakeLimits): FileMetaData {
  if (endsWith(content, ENCRYPTED_MAGIC)) throw new Error(ENCRYPTED);
  if (!endsWith(content, MAGIC)) throw new Error('it does not end in a Parquet footer, so part of it is missing');
  const footer = decodeFooter(content);
  const isEncrypted = footer.row_groups.some(({ columns }) => columns.some(({ crypto_metadata }) => crypto_metadata));
  if (isEncrypted) throw new Error(ENCRYPTED);
  assertRows(footer.num_rows, limits);
  assertTree(footer.schema, limits);
  assertDecoded(
    footer.row_groups.reduce((sum, group) => sum + decodedBytes(group, footer), 0),
    limits,
  );
  return footer;
}

function decodeFooter(content: Uint8Array): FileMetaData {
  try {
    return parquetMetadata(content);
  } catch (error) {
    throw new Error('its footer is corrupt', { cause: error });
  }
}

/** The schema is a list in which each group is followed by as many elements as it says it has. */
function assertTree(schema: readonly SchemaElement[], limits: IntakeLimits): void {
  assertColumns(schema.filter(({ num_children: children }) => !children).length, limits);
  /** For each group around the element, how many elements are still to come in it. */
  const open: number[] = [];
  for (const { name, num_children: children = 0 } of schema) {
    while (open.at(-1) === 0) open.pop();
    const rest = open.pop();
    if (rest !== undefined) open.push(rest - 1);
    // Each level of a list is two in the file.
    if (open.length > 2 * limits.nesting + 1)
      throw beyondLimit(`column ${name} is nested deeper than`, 'nesting', limits);
    if (children > 0) open.push(children);
  }
}

const VALUE_BYTES: Readonly<Record<string, number>> = {
  BOOLEAN: 1 / 8,
  INT32: 4,
  INT64: 8,
  INT96: 8,
  FLOAT: 4,
  DOUBLE: 8,
  // At least their offsets.
  BYTE_ARRAY: 4,
};

/** What a row group decodes to at least: what its pages hold, or its number of values where runs stand for more. */
export function decodedBytes(group: RowGroup, { schema }: FileMetaData): number {
  const leaves = schema.filter(({ type }) => type !== undefined);
  return group.columns.reduce((sum, { meta_data: column }, index) => {
    const bytesEach = VALUE_BYTES[column?.type ?? ''] ?? leaves[index]?.type_length ?? 0;
    const values = Number(column?.num_values ?? 0) * bytesEach;
    return sum + Math.max(Number(column?.total_uncompressed_size ?? 0), values);
  }, 0);
}
