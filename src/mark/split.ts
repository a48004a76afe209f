import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Table } from 'apache-arrow';
import { BadInput } from '../errors.js';
import { type EncodedTable, encodeTable, type IntakeLimits, readAgain, type Shard } from '../intake/index.js';
import { type ObjectStore, openScratch, orWriteFailed } from '../store/index.js';
import type { ShardMarks } from './types.js';

/** Folders of the parts: `clean/<path of the shard>.parquet`, `withheld/<path of the shard>.parquet`. */
const PARTS = ['clean', 'withheld'] as const;
type Part = (typeof PARTS)[number];

/** A held shard and what of it was scored. */
export interface HeldShard extends Shard {
  readonly sha256: string | null;
}

/** What is needed to write held shards in two parts. */
export interface SplitJob {
  readonly folder: string;
  readonly store: ObjectStore;
  /** Path within the batch → held shard. */
  readonly held: ReadonlyMap<string, HeldShard>;
  readonly limits: IntakeLimits;
}

/** How many rows of the held shards that could be read went where. */
export interface SplitSummary {
  readonly folder: string;
  readonly rows: Readonly<Record<Part, number>>;
}

/** @throws BadInput SPLIT_EXISTS where parts of another scan would mix with those of this one */
export async function assertNotSplit(folder: string): Promise<void> {
  for (const part of PARTS) {
    const path = join(folder, part);
    const isThere = await stat(path).then(
      () => true,
      () => false,
    );
    if (isThere) throw new BadInput('SPLIT_EXISTS', { path });
  }
}

/**
 * Hands marks on and writes of each held shard the rows to train on and those to keep back, read again from the bytes
 * that were scored. All parts appear together after the last shard, or none.
 * @throws Transient WRITE_FAILED, READ_FAILED, also where a shard is no longer what was scored
 */
export async function* splitHeld(
  marked: AsyncIterable<ShardMarks>,
  job: SplitJob,
  onDone: (summary: SplitSummary) => void,
): AsyncGenerator<ShardMarks> {
  const { folder, held, store, limits } = job;
  await orWriteFailed(folder, () => mkdir(folder, { recursive: true }));
  const scratch = openScratch(folder);
  const rows = { clean: 0, withheld: 0 };
  try {
    await orWriteFailed(folder, async () => {
      for (const part of PARTS) await mkdir(join(scratch.folder, part));
    });
    for await (const marks of marked) {
      const shard = held.get(marks.shard);
      if (shard !== undefined) await writeParts(scratch.folder, await readAgain(store, shard, limits), marks, rows);
      yield marks;
    }
    await orWriteFailed(folder, async () => {
      for (const part of PARTS) await rename(join(scratch.folder, part), join(folder, part));
    });
  } finally {
    scratch.discard();
  }
  onDone({ folder, rows });
}

/** The rows of a table that are not to be withheld, as a file; every row has its mark. */
export function encodeKept(table: Table, withhold: ArrayLike<number | boolean>): EncodedTable {
  return encodeTable(rowsWhere(table, (row) => Number(withhold[row]) !== 1));
}

async function writeParts(
  scratch: string,
  table: Table,
  { shard, withhold }: ShardMarks,
  rows: Record<Part, number>,
): Promise<void> {
  for (const part of PARTS) {
    const own = rowsWhere(table, (row) => (withhold[row] === 1) === (part === 'withheld'));
    if (own.numRows === 0) continue;
    rows[part] += own.numRows;
    const { ending, content } = encodeTable(own);
    const file = join(scratch, part, `${shard}.${ending}`);
    await orWriteFailed(scratch, async () => {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    });
  }
}

/** Slices of a table keep every type as it is. */
function rowsWhere(table: Table, belongs: (row: number) => boolean): Table {
  const runs: Table[] = [table.slice(0, 0)];
  for (let row = 0; row < table.numRows; ) {
    const from = row;
    const isChosen = belongs(row);
    while (row < table.numRows && belongs(row) === isChosen) row++;
    if (isChosen) runs.push(table.slice(from, row));
  }
  const [first, ...rest] = runs;
  return first === undefined ? table : first.concat(...rest);
}
