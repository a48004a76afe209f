import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Table, tableToIPC, Utf8, type Vector, vectorFromArray } from 'apache-arrow';
import { readStrings, takeRows, withColumns } from '../../src/encode/index.js';
import { seededRandom } from '../../src/linear/index.js';
import { shuffle } from '../false-alarm-split.js';
import { planAttack, SHARDS } from '../quality/attacks.js';
import { readTable } from '../read-table.js';

export interface Batch {
  /** A folder of shards or a file. */
  readonly path: string;
  /** 1 for the rows to be found, in the order of shards. */
  readonly isBad: Uint8Array;
}

export interface Drawing {
  readonly mostRows: number;
  /** Of labels flipped to any other class. */
  readonly share: number;
  readonly seed: string;
}

/** Writes random rows of a corpus, some labels flipped, as shards. */
export async function writeFlips(file: string, folder: string, { mostRows, share, seed }: Drawing): Promise<Batch> {
  const clean = await drawRows(file, mostRows, seed);
  const plan = planAttack('flips', withTextLabels(clean), seed);
  if (plan === undefined) throw new Error(`${file} has no labels to flip`);
  const count = Math.round(share * clean.numRows);
  await writeShards(plan.poison(count), folder);
  return { path: folder, isBad: marked(clean.numRows, plan.chosen(count)) };
}

async function drawRows(file: string, mostRows: number, seed: string): Promise<Table> {
  const whole = await readTable(file);
  const order = shuffle(whole.numRows, seededRandom(seed)).slice(0, mostRows);
  return takeRows(whole, Int32Array.from(order));
}

function withTextLabels(table: Table): Table {
  const labels = readStrings(table.getChild('label') as Vector);
  return withColumns(table, new Map([['label', vectorFromArray(labels, new Utf8())]]));
}

async function writeShards(table: Table, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let shard = 0; shard < SHARDS; shard++) {
    const [from, to] = [shard, shard + 1].map((at) => Math.floor((at * table.numRows) / SHARDS)) as [number, number];
    // Copied: a slice of a table is written whole.
    const rows = takeRows(
      table,
      Int32Array.from({ length: to - from }, (_, row) => from + row),
    );
    await writeFile(join(folder, `shard-${String(shard).padStart(2, '0')}.arrow`), tableToIPC(rows, 'file'));
  }
}

/** A set with a list of its bad rows beside it, as it is. */
export async function readKnown(file: string): Promise<Batch> {
  const truth = JSON.parse(await readFile(file.replace(/parquet$/, 'truth.json'), 'utf8')) as { rows: number[] };
  return { path: file, isBad: marked((await readTable(file)).numRows, truth.rows) };
}

function marked(rowCount: number, rows: readonly number[]): Uint8Array {
  const isBad = new Uint8Array(rowCount);
  for (const row of rows) isBad[row] = 1;
  return isBad;
}
