import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Table, tableToIPC, Utf8, type Vector, vectorFromArray } from 'apache-arrow';
import { readCodes, takeRows, withColumns } from '../src/encode/index.js';
import { type Random, seededRandom } from '../src/linear/index.js';
import { readTable } from './read-table.js';

const MOST_ROWS = 10_000;
const SHARDS = 12;

export interface FlippedCorpus {
  /** Row → its label was flipped; in the order of the shards. */
  readonly isFlipped: Uint8Array;
  readonly rows: number;
}

/** Writes up to 10,000 rows of a corpus, drawn at random, a share of their labels flipped to any other class, as shards of a batch. */
export async function writeFlipped(
  file: string,
  folder: string,
  { share, seed }: { readonly share: number; readonly seed: string },
): Promise<FlippedCorpus> {
  const whole = await readTable(file);
  const random = seededRandom(seed);
  const table = takeRows(whole, Int32Array.from(shuffled(whole.numRows, random).slice(0, MOST_ROWS)));
  const { flipped, isFlipped } = flip(table, share, random);
  await mkdir(folder, { recursive: true });
  for (let shard = 0; shard < SHARDS; shard++) {
    const [from, to] = [shard, shard + 1].map((at) => Math.floor((at * table.numRows) / SHARDS)) as [number, number];
    const rows = Int32Array.from({ length: to - from }, (_, row) => from + row);
    const name = `shard-${String(shard).padStart(2, '0')}.arrow`;
    await writeFile(join(folder, name), tableToIPC(takeRows(flipped, rows), 'file'));
  }
  return { isFlipped, rows: table.numRows };
}

function flip(table: Table, share: number, random: Random): { flipped: Table; isFlipped: Uint8Array } {
  const { values, codes } = readCodes(table.getChild('label') as Vector);
  const isFlipped = new Uint8Array(table.numRows);
  for (const row of shuffled(table.numRows, random).slice(0, Math.round(share * table.numRows))) isFlipped[row] = 1;
  const cells = Array.from(codes, (code, row) => {
    const other = (code + 1 + Math.floor(random() * (values.length - 1))) % values.length;
    return values[isFlipped[row] === 1 ? other : code] ?? null;
  });
  return { flipped: withColumns(table, new Map([['label', vectorFromArray(cells, new Utf8())]])), isFlipped };
}

function shuffled(count: number, random: Random): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}
