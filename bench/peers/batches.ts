import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Table, tableToIPC, Utf8, type Vector, vectorFromArray } from 'apache-arrow';
import { readStrings, takeRows, withColumns } from '../../src/encode/index.js';
import { parseShard, pinShard } from '../../src/intake/index.js';
import { seededRandom } from '../../src/linear/index.js';
import { fileStore } from '../../src/store/index.js';
import { shuffle } from '../false-alarm-split.js';
import { type AttackName, planAttack, SHARDS } from '../quality/attacks.js';

const MOST_ROWS = 10_000;

export interface Poisoning {
  readonly corpus: string;
  readonly attack: AttackName;
  readonly share: number;
  readonly seed: number;
}

/** Writes random rows of a corpus, a share of them poisoned, as shards, and says which rows are. */
export async function writePoisoned(
  file: string,
  folder: string,
  { corpus, attack, share, seed }: Poisoning,
): Promise<Uint8Array> {
  const [object] = await fileStore.list(file);
  if (object === undefined) throw new Error(`${file} is not there`);
  const whole = await parseShard(await pinShard(fileStore, object));
  const key = `${corpus}/${seed}`;
  const order = shuffle(whole.numRows, seededRandom(key)).slice(0, MOST_ROWS);
  const clean = withTextLabels(takeRows(whole, Int32Array.from(order)));
  const plan = planAttack(attack, clean, key);
  if (plan === undefined) throw new Error(`${corpus} has nothing for ${attack}`);
  const count = Math.round(share * clean.numRows);
  await writeShards(plan.poison(count), folder);
  const isPoisoned = new Uint8Array(clean.numRows);
  for (const row of plan.chosen(count)) isPoisoned[row] = 1;
  return isPoisoned;
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
