import type { Table } from 'apache-arrow';
import type { Policy } from '../src/decide/index.js';
import { rowDigests, takeRows } from '../src/encode/index.js';
import { seededRandom } from '../src/linear/index.js';
import { testBatch } from './test-batch.js';

export interface Split {
  readonly corpus: string;
  readonly seed: number;
  /** Half of the distinct trusted rows appear twice. */
  readonly copied: boolean;
}

export interface SplitResult extends Split {
  readonly held: boolean;
  /** Test or family → p-value; one shard of the split stands for all, so that results of a test are independent. */
  readonly pValues: Readonly<Record<string, number>>;
}

const TRUSTED_ROWS = 1500;
const BATCH_ROWS = 3000;
const SHARDS = 12;

/** Splits a clean corpus at random into trusted rows and a batch and tests the batch. */
export async function testSplit(table: Table, split: Split, policy: Policy): Promise<SplitResult> {
  const random = seededRandom(`${split.corpus}/${split.seed}`);
  const order = shuffle(table.numRows, random);
  const trustedRows = Math.min(TRUSTED_ROWS, Math.floor(table.numRows / 3));
  const batchRows = Math.min(BATCH_ROWS, table.numRows - trustedRows);
  const kept = takeRows(table, Int32Array.from(order.slice(0, trustedRows)));
  const trusted = split.copied ? withCopies(kept, random) : kept;
  const shards = Array.from({ length: SHARDS }, (_, shard) => {
    const from = trustedRows + Math.floor((shard * batchRows) / SHARDS);
    const to = trustedRows + Math.floor(((shard + 1) * batchRows) / SHARDS);
    return takeRows(table, Int32Array.from(order.slice(from, to)));
  });
  const { corpus, seed } = split;
  const { outcomes } = await testBatch(
    { corpus, seed, trusted, shards, blockOf: new Int32Array(trusted.numRows) },
    policy,
  );
  const pValues: Record<string, number> = {};
  for (const { family, pValue } of outcomes.families) pValues[`family ${family}`] = pValue;
  for (const { kind, test, pValue } of outcomes.batch.trials) pValues[`batch ${kind} ${test}`] = pValue;
  for (const { kind, test, pValue } of outcomes.shards[split.seed % SHARDS]?.trials ?? [])
    pValues[`shard ${kind} ${test}`] = pValue;
  return { ...split, held: outcomes.gate, pValues };
}

export function shuffle(count: number, random: () => number): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}

export function withCopies(table: Table, random: () => number): Table {
  const features = table.schema.fields.map(({ name }) => name).filter((name) => name !== 'label');
  const seen = new Set<number>();
  const copied: number[] = [];
  rowDigests(table, features).forEach((digest, row) => {
    if (!seen.has(digest) && random() < 0.5) copied.push(row);
    seen.add(digest);
  });
  return takeRows(table, Int32Array.from([...Array(table.numRows).keys(), ...copied]));
}
