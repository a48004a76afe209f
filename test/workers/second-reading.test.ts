import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RunningS3, S3_START_MS, startS3 } from '../../servers/s3.js';
import { findArrival, readSeal, sealArrival, storePlan } from '../../src/batch/index.js';
import { type Dataset, loadConfig } from '../../src/config/index.js';
import type { JobQueue } from '../../src/queue/index.js';
import { anyStore } from '../../src/store/index.js';
import { digestJob } from '../../workers/digest.js';
import { fitJob } from '../../workers/fit.js';
import type { Surroundings } from '../../workers/surroundings.js';
import { tabularCsv, writeFiles } from '../assess/batch.js';
import { temporaryFolder } from '../temporary-folder.js';
import { surroundingsIn } from './surroundings.js';

const NAMES = ['a.csv', 'b.csv', 'c.csv', 'd.csv'];
const at = temporaryFolder();
let s3: RunningS3;
let around: Surroundings;
let dataset: Dataset;
let held: number[];
let largest: number;

beforeAll(async () => {
  s3 = await startS3();
  for (const [name, value] of Object.entries(s3.variables)) vi.stubEnv(name, value);
  await s3.createBucket('lake');
  const files = NAMES.map((name) => [name, Buffer.from(tabularCsv(name, 150))] as const);
  for (const [name, content] of files) await s3.putObject('lake', `in/monday/${name}`, content);
  largest = Math.max(...files.map(([, content]) => content.length));
  const roots = { incoming: 's3://lake/in', released: 'released', quarantine: 'quarantine', vault: 'vault' };
  await writeFiles(at(), { 'config.json': JSON.stringify({ datasets: { d: { ...roots, mode: 'enforce' } } }) });
  const config = loadConfig(at('config.json'));
  // No two of them at once.
  const spool = { capacityBytes: largest + 1, onHeld: (bytes: number) => void held.push(bytes) };
  const queue = { addAssessments: async () => {} } as unknown as JobQueue;
  around = { ...surroundingsIn(at(), { store: anyStore, queue, spool }), config };
  dataset = config.datasets.get('d') as Dataset;
}, S3_START_MS);
afterEach(() => vi.restoreAllMocks());
afterAll(async () => {
  await around?.benches.stop();
  vi.unstubAllEnvs();
  await s3?.stop();
});

describe('what a fit reads again of shards that lie elsewhere', () => {
  it('is on the disk of the worker one after another where there is no room for more, and gone at the end', async () => {
    held = [];
    await sealArrival(anyStore, dataset, await findArrival(anyStore, dataset, 'monday'));
    const job = { dataset: 'd', batch: 'monday', plan: await storePlan(anyStore, dataset, 'wasm') };
    const { shards } = (await readSeal(anyStore, dataset.vault, 'monday')) ?? { shards: [] };
    expect(shards.map(({ path }) => path)).toEqual(NAMES);
    const done = await Promise.all(shards.map((shard) => digestJob(around, { ...job, shard })));
    held = [];
    expect((await fitJob(around, job, { done, failureOf: () => undefined })).fit).not.toBeNull();
    expect(held.filter((bytes) => bytes > 0)).toEqual(expect.arrayContaining(shards.map(({ bytes }) => bytes)));
    expect(held.filter((bytes) => bytes > 0)).toHaveLength(NAMES.length);
    expect([Math.max(...held), held.at(-1)]).toEqual([largest, 0]);
  });
});
