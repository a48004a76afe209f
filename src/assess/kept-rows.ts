import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { type Table, tableFromIPC, tableToIPC } from 'apache-arrow';
import type { Baseline } from '../baseline/index.js';
import { takeRows } from '../encode/index.js';
import { orWriteFailed } from '../store/index.js';
import { readPart } from './assessed-file.js';
import { orMissing } from './scratch-files.js';

/** Some rows of a shard as they are. */
export interface KeptRows {
  /** Ascending. */
  readonly rows: readonly number[];
  /** In the order of `rows`, with the columns that the baseline knows. */
  readonly table: Table;
}

export function knownColumns(table: Table, columns: Baseline['columns']): Table {
  const known = new Set(columns.map(({ name }) => name));
  return table.select(table.schema.fields.map(({ name }) => name).filter((name) => known.has(name)));
}

/** `rows` of what is kept, in that order; undefined where any of them is not. */
export function amongKept(kept: KeptRows | undefined, rows: readonly number[]): Table | undefined {
  const places = rows.map((row) => kept?.rows.indexOf(row) ?? -1);
  return kept === undefined || places.includes(-1) ? undefined : takeRows(kept.table, Int32Array.from(places));
}

/** Where rows that were asked for wait; a shard's place is its number in the batch. */
export interface KeptStore {
  write(shard: number, kept: KeptRows): Promise<void>;
  /** Undefined of a shard that was not written. */
  read(shard: number): Promise<KeptRows | undefined>;
}

/** One file a shard in a folder of this scan alone. @throws Transient WRITE_FAILED */
export function wantedFiles(folder: string): KeptStore {
  const fileOf = (shard: number) => join(folder, `wanted-${shard}`);
  return {
    write: (shard, kept) => orWriteFailed(folder, () => writeFile(fileOf(shard), keptPieces(kept))),
    read: async (shard) => decodeKept(orMissing(() => readFileSync(fileOf(shard)), undefined)),
  };
}

/** Where rows that scoring found odd wait, in a folder of this scan alone. */
export function oddestFiles(folder: string): Pick<KeptStore, 'read'> {
  return { read: async (shard) => decodeKept(readPart(folder, shard, 'oddest')) };
}

/** Rows as they wait there. */
export function keptPieces({ rows, table }: KeptRows): Uint8Array[] {
  return [serialize({ rows, table: tableToIPC(table, 'file') })];
}

function decodeKept(content: Uint8Array | undefined): KeptRows | undefined {
  if (content === undefined) return undefined;
  const { rows, table } = deserialize(content);
  return { rows, table: tableFromIPC(table) };
}
