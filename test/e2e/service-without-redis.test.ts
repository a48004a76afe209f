import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { temporaryFolder } from '../temporary-folder.js';
import { makeTabularService, type TestService } from './service.js';

const TOKEN = 'a token that nobody guesses';

const inFolder = temporaryFolder();
let redis: RedisServer;
let service: TestService;
let serving: Awaited<ReturnType<TestService['serve']>>;
/** Of `taster serve` and a worker. */
let addresses: string[];

beforeAll(async () => {
  redis = await startRedis();
  service = await makeTabularService(inFolder, redis);
  serving = await service.serve(TOKEN);
  const [line] = (await once(service.startWorker('--port', '0').stderr as Readable, 'data')) as [Buffer];
  addresses = [serving.address, JSON.parse(String(line)).address];
});
afterAll(() => redis?.stop());

const statusOf = async (address: string) => (await fetch(`${address}/health/ready`)).status;
const isUp = async (address: string) =>
  /^taster_queue_up (\d)$/m.exec(await (await fetch(`${address}/metrics`)).text());
const announce = () =>
  fetch(`${serving.address}/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({ dataset: 'digits', folder: 'monday' }),
  });

describe('who is asked over HTTP', () => {
  it('says at once that Redis is gone, and that it is back', async () => {
    for (const address of addresses) expect(await statusOf(address)).toBe(200);
    await redis.kill();
    for (const address of addresses) {
      expect(await statusOf(address)).toBe(503);
      expect((await isUp(address))?.[1]).toBe('0');
    }
    expect((await announce()).status).toBe(503);
    await redis.restart();
    for (const address of addresses) {
      await vi.waitUntil(async () => (await statusOf(address)) === 200, { timeout: 60_000, interval: 100 });
      expect((await isUp(address))?.[1]).toBe('1');
    }
    expect((await announce()).status).toBe(202);
    expect(await serving.stop()).toBe(0);
    expect(await service.stopWorkers()).toEqual([0]);
  });

  it('has sweeps scheduled that Redis has lost', async () => {
    await redis.restart({ empty: true });
    const asked = new Redis(redis.url);
    const { stop } = await service.serve(TOKEN);
    await vi.waitUntil(async () => (await asked.zcard('bull:taster-sweep:repeat')) === 1, { timeout: 60_000 });
    asked.disconnect();
    expect(await stop()).toBe(0);
  });
});
