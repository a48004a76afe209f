import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { BadInput } from '../../src/errors.js';
import { type JobQueue, openQueue, startWorkers } from '../../src/queue/index.js';
import type { SealedShard } from '../../src/schema/index.js';
import { until } from '../e2e/service.js';

type Processors = Parameters<typeof startWorkers>[2];

const BATCHES = Array.from({ length: 6 }, (_, number) => `batch-${number}`);
const SHARD = { path: 'a.csv' } as SealedShard;
const UNUSED = async () => {
  throw new Error('nobody asked for this');
};
const UNWATCHED = { onDone: () => {}, onFailed: () => {}, onLost: () => {} };

let redis: RedisServer;
let queue: JobQueue;
let workers: ReturnType<typeof startWorkers> | undefined;

beforeEach(async () => {
  redis = await startRedis();
  queue = openQueue(redis.url, { attempts: 1, waits: true });
});
afterEach(async () => {
  await workers?.stop();
  workers = undefined;
  await queue.close();
  await redis.stop();
});

async function work(processors: Partial<Processors>): Promise<void> {
  const none = {
    digest: UNUSED,
    fit: UNUSED,
    assess: UNUSED,
    decide: UNUSED,
    enforce: UNUSED,
    notify: UNUSED,
    sweep: UNUSED,
  };
  const settings = { concurrency: 2, lockSeconds: 30, sweepSeconds: 30, attempts: 1, spoolBytes: 1 };
  workers = startWorkers(redis.url, settings, { ...none, ...processors }, UNWATCHED);
  await workers.ready();
}

/** A job that is at work until it is let go. */
function held() {
  let letGo = () => {};
  const isOver = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  return { isOver, letGo };
}

describe('a folder that something arrives in', () => {
  it('is looked at once more when that comes while it is looked at, however much comes', async () => {
    const looks: ReturnType<typeof held>[] = [];
    await work({
      sweep: async () => {
        const look = held();
        looks.push(look);
        await look.isOver;
      },
    });
    const monday = { dataset: 'd', folder: 'monday' };
    await queue.addSweep(monday);
    await until(() => looks.length === 1);
    for (let events = 0; events < 3; events++) await queue.addSweep(monday);
    looks[0]?.letGo();
    await until(() => looks.length === 2);
    looks[1]?.letGo();
    await until(async () => (await queue.counts()).sweep.active === 0);
    expect([looks.length, (await queue.counts()).sweep.waiting]).toEqual([2, 0]);
    await queue.addSweep(monday);
    await until(() => looks.length === 3);
    looks[2]?.letGo();
  });

  it('is looked at once when more comes before anybody looks', async () => {
    await queue.addSweep({ dataset: 'd', folder: 'monday' });
    await queue.addSweep({ dataset: 'd', folder: 'monday' });
    await queue.addSweep({ dataset: 'd', folder: 'tuesday' });
    expect((await queue.counts()).sweep.waiting).toBe(2);
  });
});

describe.each(['decide', 'enforce', 'fit'] as const)('batches that are ready to %s', (stage) => {
  it('are taken in the order in which they came', async () => {
    const taken: string[] = [];
    const first = held();
    const note = async ({ batch }: { readonly batch: string }) => {
      taken.push(batch);
      if (taken.length === 1) await first.isOver;
    };
    const done = async () => ({ path: 'a.csv', sha256: null, unread: 'there is nothing' });
    const steps = { digest: done, assess: done, decide: async () => {}, enforce: async () => {} };
    const fit = async (job: { readonly batch: string }) => {
      await note(job);
      return { fit: null, fault: 'there is nothing' };
    };
    await work({ ...steps, ...(stage === 'fit' ? { fit } : { [stage]: note }) });
    for (const batch of BATCHES) {
      const options = { isRetried: false, isFitted: stage === 'fit', isNew: true };
      await queue.addBatch({ dataset: 'd', batch, plan: 'p' }, [SHARD], options);
    }
    const queuedAt = stage === 'enforce' ? 'enforce' : 'decide';
    await until(async () => (await queue.counts())[queuedAt].waiting === BATCHES.length - 1);
    expect([...(await queue.oldestBatches()).keys()]).toEqual(['d']);
    first.letGo();
    await until(() => taken.length === BATCHES.length);
    expect(taken).toEqual(BATCHES);
  });
});

describe('a dataset that a worker does not know', () => {
  it('is left to those that do: nothing of it has failed by that', async () => {
    const tried = new Map<string, number>();
    const known =
      <Answer>(step: string, answer: Answer) =>
      async () => {
        tried.set(step, (tried.get(step) ?? 0) + 1);
        if (tried.get(step) === 1) throw new BadInput('DATASET_UNKNOWN', { dataset: 'd', known: 'e' });
        return answer;
      };
    await work({
      assess: known('assess', { path: 'a.csv', sha256: 'a', unread: null }),
      decide: async (_, { done }) => known(`decide ${done.map(({ sha256 }) => sha256)}`, undefined)(),
      enforce: known('enforce', undefined),
      sweep: known('sweep', undefined),
    });
    const options = { isRetried: false, isFitted: false, isNew: true };
    await queue.addBatch({ dataset: 'd', batch: 'monday', plan: 'p' }, [SHARD], options);
    await queue.addSweep({ dataset: 'd', folder: 'monday' });
    await until(() => tried.size === 4 && [...tried.values()].every((times) => times === 2));
    expect([...tried.keys()].sort()).toEqual(['assess', 'decide a', 'enforce', 'sweep']);
    expect(await queue.failedBatches()).toEqual([]);
  });
});

describe('a batch of which a job has failed', () => {
  it('is not told as failed while another job of it waits', async () => {
    const batch = { dataset: 'd', batch: 'monday', plan: 'p' };
    await work({ decide: UNUSED, assess: async () => ({ path: 'a.csv', sha256: null, unread: 'nothing' }) });
    await queue.addBatch(batch, [SHARD], { isRetried: false, isFitted: false, isNew: true });
    await until(async () => (await queue.failedBatches()).length === 1);
    await until(async () => (await queue.counts()).enforce.failed === 1);
    await workers?.stop();
    workers = undefined;
    await queue.addEnforcement(batch, 3);
    expect(await queue.failedBatches()).toEqual([]);
  });
});
