import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { findArrival, readRecords, sealArrival, storePlan } from '../../src/batch/index.js';
import { type Dataset, loadConfig } from '../../src/config/index.js';
import { anyStore } from '../../src/store/index.js';
import { settle } from '../schedule/settled-batches.js';
import { temporaryFolder } from '../temporary-folder.js';
import { tasterWith } from './in-process.js';

const at = temporaryFolder();
let redis: RedisServer;
let dataset: Dataset;

beforeAll(async () => {
  redis = await startRedis();
  mkdirSync(at(), { recursive: true });
  const roots = { incoming: 'in', released: 'released', quarantine: 'quarantine', vault: 'vault' };
  writeFileSync(at('config.json'), JSON.stringify({ datasets: { d: roots } }));
  dataset = loadConfig(at('config.json')).datasets.get('d') as Dataset;
});
afterAll(() => redis?.stop());

const rescan = (...argv: string[]) =>
  tasterWith({ TASTER_REDIS_URL: redis.url }, 'rescan', ...argv, '--config', at('config.json'));
const lastOf = async (batch: string) => (await readRecords(anyStore, dataset.vault, batch)).at(-1);

it('queues every settled batch that something else has judged, names those that cannot be read, and no others', async () => {
  const plan = await storePlan(anyStore, dataset, 'wasm');
  for (const batch of ['old-1', 'old-2', 'old-3']) await settle(anyStore, dataset, batch, 'e'.repeat(64));
  await settle(anyStore, dataset, 'new', plan);
  await anyStore.create(dataset.incoming, 'arrived/a.csv', Buffer.from('row\n1\n'));
  await sealArrival(anyStore, dataset, await findArrival(anyStore, dataset, 'arrived'));
  writeFileSync(at('vault/batches/old-2/records/000003.json'), '{}');

  const { exitCode, stdout, stderr } = await rescan('d');
  expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: 'queued d old-1\nqueued d old-3\n' });
  expect(stderr).toMatch(/^old-2 is not queued: .*000003\.json/);
  for (const batch of ['old-1', 'old-3']) expect(await lastOf(batch)).toMatchObject({ kind: 'rescan', plan });
  expect([(await lastOf('new'))?.kind, await lastOf('arrived')]).toEqual(['settled', undefined]);

  // Under way by now.
  expect((await rescan('d')).stdout).toBe('');
  expect((await rescan('d', 'arrived')).exitCode).toBe(2);
  await tasterWith({}, 'pause', 'd', '--config', at('config.json'), '--why', 'stock-taking');
  expect(await rescan('d')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('is paused') });
});
