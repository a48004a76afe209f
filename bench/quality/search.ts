import { type Table, Utf8, type Vector, vectorFromArray } from 'apache-arrow';
import { buildBaseline } from '../../src/baseline/index.js';
import type { Policy } from '../../src/decide/index.js';
import { readStrings, takeRows, withColumns } from '../../src/encode/index.js';
import { seededRandom } from '../../src/linear/index.js';
import { scan } from '../../src/pipeline.js';
import { shuffle } from '../false-alarm-split.js';
import { arrowBytes, memoryStore } from '../memory-store.js';
import { ATTACKS, type AttackName, planAttack, SHARDS, SOURCES } from './attacks.js';
import { countsUpTo } from './least-count.js';

const TRUSTED_ROWS = 3000;
const BATCH_ROWS = 6000;
/** Of the greatest count that is tried. */
const MOST_SHARE = 0.2;

/** Rising counts of poisoned rows. */
export const COUNTS = countsUpTo(MOST_SHARE * BATCH_ROWS);

/** A corpus cut into trusted rows, of which an artefact is built, and a batch. */
export interface Split {
  readonly rows: number;
  /** Whether there is anything that this attack can be carried out on. */
  canBe(name: AttackName): boolean;
  /** Whether the batch is held as it is. */
  isHeld(): Promise<boolean>;
  /** Whether it is held with a finding of the attack's kind, so many of the rows that can be poisoned being so, or all of them. */
  isDetected(name: AttackName, count: number): Promise<boolean>;
}

export async function prepareSplit(table: Table, seed: string, policy: Policy): Promise<Split> {
  const { trusted, batch } = split(table, seed);
  const artefact = await fitArtefact(trusted);
  const judge = (rows: Table) => judgeBatch({ policy, artefact }, rows);
  return {
    rows: batch.numRows,
    canBe: (name) => planAttack(name, batch, seed) !== undefined,
    isHeld: async () => (await judge(batch)).verdict === 'quarantine',
    isDetected: async (name, count) => {
      const attack = planAttack(name, batch, seed);
      if (attack === undefined) return false;
      const kinds: readonly string[] = ATTACKS[name];
      const { findings } = await judge(attack.poison(Math.min(count, attack.most)));
      return findings.some(({ kind, holds }) => holds && kinds.includes(kind));
    },
  };
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
