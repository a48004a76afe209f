import { once } from 'node:events';
import { UnrecoverableError, Worker } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { addRecord, findArrival, readRecords, sealArrival } from '../../src/batch/index.js';
import { type Dataset, loadConfig } from '../../src/config/index.js';
import { enforce, recordReview } from '../../src/enforce/index.js';
import { type JobQueue, openQueue } from '../../src/queue/index.js';
import { reconcile, sweptNotes } from '../../src/schedule/index.js';
import { fileStore, sha256Of } from '../../src/store/index.js';
import { enforceJob } from '../../workers/enforce.js';
import type { Surroundings } from '../../workers/surroundings.js';
import { temporaryFolder } from '../temporary-folder.js';

const at = temporaryFolder();
const BY = { plan: 'a'.repeat(64), decision: 'd'.repeat(64), mode: 'enforce' } as const;
const RESTS = { policy: 'c'.repeat(64), baseline: null, contract: null, manifest: null, trust: null };
let redis: RedisServer;
let queue: JobQueue;
let dataset: Dataset;
let around: Surroundings;

beforeAll(async () => {
  redis = await startRedis();
  queue = openQueue(redis.url, { attempts: 1, waits: false });
  const roots = ['incoming', 'released', 'quarantine', 'vault'].map((name) => [name, at(name)]);
  const settings = { ...Object.fromEntries(roots), quietSeconds: 0 };
  await fileStore.create(at(), 'config.json', Buffer.from(JSON.stringify({ datasets: { d: settings } })));
  const config = loadConfig(at('config.json'));
  dataset = config.datasets.get('d') as Dataset;
  around = { store: fileStore, config, queue } as Surroundings;
});
afterAll(async () => {
  await queue?.close();
  await redis?.stop();
});

/** A batch whose one shard is held, and released by a review of which the work has failed after all its tries. */
async function failed(batch: string): Promise<void> {
  await fileStore.create(dataset.incoming, `${batch}/a.csv`, Buffer.from('rows'));
  await sealArrival(fileStore, dataset, await findArrival(fileStore, dataset, batch));
  const shards = [{ path: 'a.csv', sha256: sha256Of('rows'), released: false }];
  await addRecord(fileStore, dataset.vault, batch, 0, { kind: 'judged', ...BY, rests: RESTS, shards });
  await enforce(fileStore, dataset, batch, null);
  const said = { decision: BY.decision, shards: ['a.csv'], reviewer: 'ann', reason: 'seen', at: 'now' };
  const record = await recordReview(fileStore, dataset, batch, { action: 'release', ...said });
  await queue.addEnforcement({ dataset: 'd', batch, plan: BY.plan }, record);
  const fail = () => Promise.reject(new UnrecoverableError('no access'));
  const worker = new Worker('taster-enforce', fail, { connection: { url: redis.url, maxRetriesPerRequest: null } });
  await once(worker, 'failed');
  await worker.close();
}

const failedJobs = async () => (await queue.counts()).enforce.failed;
const reconciled = () =>
  reconcile({ store: fileStore, queue, config: { backend: 'wasm' } }, dataset, {
    ...{ isRetried: true, forgets: false, swept: sweptNotes(fileStore, dataset.vault) },
  });

describe('what has failed of a batch', () => {
  it('is forgotten once another job has settled it, and that of others is not', async () => {
    await failed('monday');
    await failed('tuesday');
    expect(await failedJobs()).toBe(2);
    await enforceJob(around, { dataset: 'd', batch: 'monday', plan: BY.plan });
    expect((await queue.failedBatches()).map(({ batch }) => batch)).toEqual(['tuesday']);
    expect(await failedJobs()).toBe(1);
  });

  it('is forgotten by reconcile where it is settled, not where a rescan waits', async () => {
    await failed('wednesday');
    await failed('thursday');
    const before = await failedJobs();
    for (const batch of ['wednesday', 'thursday']) await enforce(fileStore, dataset, batch, null);
    const { length } = await readRecords(fileStore, dataset.vault, 'thursday');
    await addRecord(fileStore, dataset.vault, 'thursday', length, { kind: 'rescan', plan: BY.plan, at: 'now' });
    expect(await reconciled()).toContainEqual({ batch: 'thursday', work: 'judgement' });
    expect(await failedJobs()).toBe(before - 1);
  });
});
