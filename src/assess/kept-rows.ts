import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { type Table, tableFromIPC, tableToIPC } from 'apache-arrow';
import type { Baseline } from '../baseline/index.js';
import { takeRows } from '../encode/index.js';
import { orWriteFailed } from '../store/index.js';
import { orMissing } from './scratch-files.js';

/** Some rows of a shard as they are. */
export interface KeptRows {
  /** Ascending. */
  readonly rows: readonly number[];
  /** In the order of `rows`, with the columns that the baseline knows. */
  readonly table: Table;
}

export function knownColumns(table: Table, columns: Baseline['columns']): Table {
  const names = table.schema.fields.map(({ name }) => name).filter((name) => columns.some((one) => one.name === name));
  return table.select(names);
}

/** `rows` of what is kept, in that order; undefined where any of them is not. */
export function amongKept(kept: KeptRows | undefined, rows: readonly number[]): Table | undefined {
  const places = rows.map((row) => kept?.rows.indexOf(row) ?? -1);
  return kept === undefined || places.includes(-1) ? undefined : takeRows(kept.table, Int32Array.from(places));
}

/** Where rows wait until they are wanted; a shard's place is its number in the batch. */
export interface KeptStore {
  write(shard: number, kept: KeptRows): Promise<void>;
  /** Undefined of a shard that was not written. */
  read(shard: number): Promise<KeptRows | undefined>;
}

/** One file a shard in a folder of this scan alone: of rows that scoring found odd, or that were asked for. @throws Transient WRITE_FAILED */
export function keptFiles(folder: string, why: 'oddest' | 'wanted'): KeptStore {
  const fileOf = (shard: number) => join(folder, `${why}-${shard}`);
  return {
    write: (shard, { rows, table }) =>
      orWriteFailed(folder, () => writeFile(fileOf(shard), serialize({ rows, table: tableToIPC(table, 'file') }))),
    read: (shard) =>
      orMissing(async () => {
        const { rows, table } = deserialize(await readFile(fileOf(shard)));
        return { rows, table: tableFromIPC(table) };
      }, undefined),
  };
}
