import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { S3_START_MS, startS3 } from '../../servers/s3.js';
import { temporaryFolder } from '../temporary-folder.js';
import { makeTabularService } from './service.js';

const TOKEN = 'a token/that nobody+guesses';

const inFolder = temporaryFolder();
let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis();
}, S3_START_MS);
afterAll(() => redis?.stop());

it(
  'takes the events of a store that can be told nothing but an address',
  async () => {
    const service = await makeTabularService(inFolder, redis, { dataset: { incoming: 's3://lake/incoming' } });
    // The store asks for it when it starts; it does not ask for the store.
    const { address, stop } = await service.serve(TOKEN);
    const eventsTo = `${address.replace('//', `//taster:${encodeURIComponent(TOKEN)}@`)}/events`;
    const s3 = await startS3({ eventsTo });
    try {
      await s3.createBucket('lake');
      await s3.putObject('lake', 'incoming/monday/a.csv', Buffer.from('a\n1\n'));
      const counted = async () => (await fetch(`${address}/metrics`)).text();
      for (const end = Date.now() + 60_000; !(await counted()).includes('taster_events_total 1'); await sleep(50)) {
        if (Date.now() > end) throw new Error('no event has come');
      }
    } finally {
      await s3.stop();
    }
    expect(await stop()).toBe(0);
  },
  S3_START_MS,
);
