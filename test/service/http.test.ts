import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/config/index.js';
import { Transient } from '../../src/errors.js';
import type { JobQueue, SweepJob } from '../../src/queue/index.js';
import { type HttpServer, serveHttp } from '../../src/service/http.js';
import { startMetrics } from '../../src/service/index.js';

const TOKEN = 'a token that nobody guesses';
const NONE = { waiting: 3, active: 0, delayed: 0, failed: 0, 'waiting-children': 0 };
const datasets = [{ name: 'post', incoming: 's3://uploads/post' }] as Dataset[];
const body = JSON.stringify({ Records: [{ s3: { bucket: { name: 'uploads' }, object: { key: 'post/b/c' } } }] });

let sweeps: SweepJob[];
let problem: Error | null;
let server: HttpServer;

beforeEach(async () => {
  sweeps = [];
  problem = null;
  const orProblem = async <T>(answer: T) => {
    if (problem !== null) throw problem;
    return answer;
  };
  const queue = {
    requireAnswer: () => orProblem(undefined),
    counts: () => orProblem({ sweep: NONE, assess: NONE, decide: NONE, enforce: NONE }),
    oldestBatches: () => orProblem(new Map([['post', Date.now() - 60_000]])),
    addSweep: async (sweep: SweepJob) => orProblem(void sweeps.push(sweep)),
  } as unknown as JobQueue;
  const metrics = startMetrics(queue);
  metrics.watcher.onDone('assess', {}, 0.3);
  server = await serveHttp('127.0.0.1', 0, { queue, metrics, events: { token: TOKEN, datasets } });
});
afterEach(() => server.stop());

const ask = (path: string, options?: RequestInit) => fetch(`${server.address}${path}`, options);
const post = (text: string, authorization?: string) =>
  ask('/events', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) },
    body: text,
  });

/** As a client sends what an address has before the @. */
function basic(userinfo: string): string {
  return `Basic ${Buffer.from(userinfo).toString('base64')}`;
}

describe('the server', () => {
  it('is alive without a queue, and ready with one', async () => {
    expect((await ask('/health/live')).status).toBe(200);
    expect((await ask('/health/ready')).status).toBe(200);
    problem = new Transient('QUEUE_FAILED', { detail: 'gone' });
    expect((await ask('/health/live')).status).toBe(200);
    const answer = await ask('/health/ready');
    expect([answer.status, (await answer.json()).ready]).toEqual([503, false]);
  });

  it('tells what waits and how long jobs took', async () => {
    const text = await (await ask('/metrics')).text();
    expect(text).toContain('taster_queue_jobs{stage="decide",state="waiting"} 3');
    expect(text).toContain('taster_job_seconds_count{stage="assess"} 1');
    expect(text).toContain('taster_queue_up 1');
    expect(Number(/^taster_oldest_batch_seconds\{dataset="post"\} (.+)$/m.exec(text)?.[1])).toBeGreaterThanOrEqual(60);
  });

  it('tells what it knows while the queue does not answer, and nothing of what waits', async () => {
    problem = new Transient('QUEUE_FAILED', { detail: 'gone' });
    const text = await (await ask('/metrics')).text();
    expect(text).toContain('taster_queue_up 0');
    expect(text).not.toMatch(/^taster_(queue_jobs|oldest_batch_seconds)[{ ]/m);
    expect(text).toContain('taster_job_seconds_count{stage="assess"} 1');
  });

  it.each([`Bearer ${TOKEN}`, basic(`taster:${TOKEN}`), basic(`:${TOKEN}`)])(
    'takes events from those who know the token: %s',
    async (given) => {
      expect((await post(body, given)).status).toBe(202);
      expect(sweeps).toEqual([{ dataset: 'post', folder: 'b' }]);
    },
  );

  it.each([
    ...[undefined, '', 'Bearer ', TOKEN, `Bearer ${TOKEN}x`, 'Basic abc', 'Basic ', `Basic ${TOKEN}`],
    ...[`${TOKEN}:`, `${TOKEN}`, `taster:${TOKEN}x`, `taster:x:${TOKEN}`, ':'].map(basic),
  ])('takes none from others: %s', async (given) => {
    expect((await post(body, given)).status).toBe(401);
    expect(sweeps).toEqual([]);
  });

  it('takes nothing that is no JSON, or too much of it', async () => {
    expect((await post('{', `Bearer ${TOKEN}`)).status).toBe(400);
    expect((await post(`"${'x'.repeat(5 * 2 ** 20)}"`, `Bearer ${TOKEN}`)).status).toBe(413);
    expect(sweeps).toEqual([]);
  });

  it('asks to send an event again that it could not queue', async () => {
    problem = new Transient('QUEUE_FAILED', { detail: 'gone' });
    expect((await post(body, `Bearer ${TOKEN}`)).status).toBe(503);
  });
});
