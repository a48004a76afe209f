import { type Table, Utf8, type Vector, vectorFromArray } from 'apache-arrow';
import { buildBaseline } from '../../src/baseline/index.js';
import type { Policy } from '../../src/decide/index.js';
import { readStrings, takeRows, withColumns } from '../../src/encode/index.js';
import { seededRandom } from '../../src/linear/index.js';
import { scan } from '../../src/pipeline.js';
import { shuffle } from '../false-alarm-split.js';
import { arrowBytes, memoryStore } from '../memory-store.js';
import { ATTACKS, type Attack, type AttackName, planAttack, SHARDS, SOURCES } from './attacks.js';

const TRUSTED_ROWS = 3000;
const BATCH_ROWS = 6000;
/** Of the greatest count that is tried. */
const MOST_SHARE = 0.2;
/** From one count to the next. */
const STEP = 1.1;

export interface Search {
  readonly corpus: string;
  readonly seed: number;
  readonly attacks: readonly AttackName[];
  readonly policy: Policy;
}

export interface Found {
  readonly corpus: string;
  readonly seed: number;
  readonly rows: number;
  /** The batch is held as it is. */
  readonly isCleanHeld: boolean;
  /** Attack → fewest poisoned rows for which the batch is held with a finding of its kind; null when no number is enough. */
  readonly fewest: Readonly<Partial<Record<AttackName, number | null>>>;
}

/** Splits a corpus into trusted rows and a batch, and poisons that with more and fewer rows until detection begins. */
export async function searchFewest(table: Table, { corpus, seed, attacks, policy }: Search): Promise<Found> {
  const { trusted, batch } = split(table, `${corpus}/${seed}`);
  const artefact = await fitArtefact(trusted);
  const judge = (poisoned: Table) => judgeBatch({ policy, artefact }, poisoned);
  const { verdict } = await judge(batch);
  const fewest: Partial<Record<AttackName, number | null>> = {};
  for (const name of attacks) {
    const attack = planAttack(name, batch, `${corpus}/${seed}`);
    if (attack === undefined) continue;
    const kinds: readonly string[] = ATTACKS[name];
    fewest[name] = await bisect(attack, async (poisoned) => {
      const { findings } = await judge(poisoned);
      return findings.some(({ kind, holds }) => holds && kinds.includes(kind));
    });
  }
  return { corpus, seed, rows: batch.numRows, isCleanHeld: verdict === 'quarantine', fewest };
}

/** The least of ever wider counts that is detected, if every greater one is. */
async function bisect(attack: Attack, isDetected: (poisoned: Table) => Promise<boolean>): Promise<number | null> {
  const counts = countsUpTo(Math.min(attack.most, MOST_SHARE * BATCH_ROWS));
  let [from, to] = [0, counts.length];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (await isDetected(attack.poison(counts[middle] as number))) to = middle;
    else from = middle + 1;
  }
  return counts[from] ?? null;
}

function countsUpTo(most: number): number[] {
  const counts: number[] = [];
  for (let count = 1; count < most; count = Math.max(count + 1, Math.floor(count * STEP))) counts.push(count);
  return [...counts, Math.floor(most)];
}

/** Random rows, labels as strings; the batch's rows come from all sources by turns. `rest`: all that are not trusted. */
export function split(table: Table, seed: string): { trusted: Table; batch: Table; rest: Table } {
  const order = shuffle(table.numRows, seededRandom(seed));
  const trustedRows = Math.min(TRUSTED_ROWS, Math.floor(table.numRows / 3));
  const take = (from: number, to: number) => {
    const rows = takeRows(table, Int32Array.from(order.slice(from, to)));
    const labels = readStrings(rows.getChild('label') as Vector);
    return withColumns(rows, new Map([['label', vectorFromArray(labels, new Utf8())]]));
  };
  const batch = take(trustedRows, trustedRows + BATCH_ROWS);
  return { trusted: take(0, trustedRows), batch, rest: take(trustedRows, table.numRows) };
}

interface Judged {
  readonly policy: Policy;
  /** A baseline as it is kept. */
  readonly artefact: Uint8Array;
}

async function judgeBatch({ policy, artefact }: Judged, batch: Table) {
  const names = Array.from({ length: batch.numRows }, (_, row) => `source-${row % SOURCES}`);
  const signed = withColumns(batch, new Map([['source', vectorFromArray(names, new Utf8())]]));
  const cut = (shard: number) => Math.floor((shard * batch.numRows) / SHARDS);
  const shards = Array.from({ length: SHARDS }, (_, shard) => {
    const name = `batch/shard-${String(shard).padStart(2, '0')}.arrow`;
    return [name, arrowBytes(signed.slice(cut(shard), cut(shard + 1)))] as const;
  });
  const store = memoryStore(new Map([...shards, ['trusted', artefact]]));
  const request = { batch: ['batch'], baseline: 'trusted', columns: NONE_NAMED, policy, processes: 1 };
  return (await scan({ ...request, backend: 'wasm' }, store)).decision;
}

async function fitArtefact(trusted: Table): Promise<Uint8Array> {
  const store = memoryStore(new Map([['rows.arrow', arrowBytes(trusted)]]));
  const request = { trusted: 'rows.arrow', columns: NONE_NAMED, exemplars: false, taster: 'bench' };
  return (await buildBaseline(store, { ...request, backend: 'wasm' })).artefact.bytes;
}

const NONE_NAMED = { ids: [] };
