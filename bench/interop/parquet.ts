import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Table } from 'apache-arrow';
import { parquetMetadata, parquetReadObjects, parquetSchema } from 'hyparquet';
import { assertEqual, type Check } from './check.js';
import { checkRefused } from './golden.js';
import { readTable } from './read-file.js';

/** What is refused, and in which words. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  'dict-page-offset-zero.parquet': /Expected list element type/,
  'large_string_map.brotli.parquet': /decodes to more bytes than/,
  'nation.dict-malformed.parquet': /Invalid page header/,
};

const ROWS_COMPARED = 50;

/** Each Parquet file against another reader's metadata and, where that one decodes them, values. */
export async function parquetChecks(folder: string): Promise<Check[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.parquet'));
  return names.map((name) => {
    const path = join(folder, name);
    const words = REFUSED[name];
    return { name: path, run: () => (words ? checkRefused(path, words) : checkRead(path)) };
  });
}

async function checkRead(path: string): Promise<void> {
  const content = await readFile(path);
  const metadata = parquetMetadata(content);
  const table = await readTable(path);
  assertEqual(table.numRows, Number(metadata.num_rows), 'the number of rows');
  assertEqual(
    table.schema.fields.map(({ name }) => name),
    parquetSchema(metadata).children.map(({ element }) => element.name),
    'the list of columns',
  );
  compareValues(table, await otherValues(content));
}

/** Undefined for what the other reader cannot decode. */
async function otherValues(content: Buffer): Promise<readonly Record<string, unknown>[] | undefined> {
  const file = new Uint8Array(content).buffer;
  try {
    return await parquetReadObjects({ file, rowEnd: ROWS_COMPARED, utf8: false });
  } catch {
    return undefined;
  }
}

function compareValues(table: Table, others: readonly Record<string, unknown>[] = []): void {
  for (const [row, other] of others.entries()) {
    for (const { name } of table.schema.fields) {
      const ours = comparable(table.getChild(name)?.get(row));
      const theirs = comparable(other[name]);
      if (ours !== undefined && theirs !== undefined) assertEqual(ours, theirs, `${name} in row ${row}`);
    }
  }
}

/** Undefined for what the readers show in ways of their own: times, decimals, nested values. */
function comparable(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : String(Math.fround(value));
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return ['boolean', 'string'].includes(typeof value) || value === null ? value : undefined;
}
