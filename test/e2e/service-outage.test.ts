import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { type RunningS3, S3_START_MS, startS3 } from '../../servers/s3.js';
import { tabularCsv } from '../assess/batch.js';
import { temporaryFolder } from '../temporary-folder.js';
import { LONG_MS, makeTabularService, rootsIn, type TestService, until } from './service.js';

const BUCKET = 'lake';
/** Of a worker that is not told otherwise. */
const ATTEMPTS = 5;

const inFolder = temporaryFolder();
let redis: RedisServer;
let s3: RunningS3;
let service: TestService;

beforeAll(async () => {
  [redis, s3] = await Promise.all([startRedis(), startS3()]);
  await s3.createBucket(BUCKET, false);
  service = await makeTabularService(inFolder, redis, {
    dataset: rootsIn(BUCKET),
    env: s3.variables,
    worker: { attempts: undefined, lockSeconds: undefined },
  });
}, S3_START_MS);
afterAll(() => Promise.all([redis?.stop(), s3?.stop()]));

afterEach(async () => {
  await service?.stopWorkers();
});

const names = ['a.csv', 'b.csv', 'c.csv', 'd.csv', 'poisoned.csv'];

const keysBelow = (prefix: string) => s3.keysBelow(BUCKET, prefix);

async function upload(batch: string): Promise<void> {
  for (const name of names) {
    const text = tabularCsv(name, 120, name === 'poisoned.csv' ? 0.33 : 0);
    await s3.putObject(BUCKET, `incoming/${batch}/${name}`, Buffer.from(text));
  }
}

async function settle(batch: string): Promise<void> {
  while (!(await s3.hasObject(BUCKET, `vault/batches/${batch}/records/000002.json`))) await sleep(100);
}

describe('a batch in a bucket without versions', () => {
  it(
    'gets the decision of an undisturbed one where the store is away for longer than the tries of a job last',
    async () => {
      await upload('monday');
      const scan = ['scan', `s3://${BUCKET}/incoming/monday`, '--baseline', 'trusted.taster', '--ledger', 'ledger'];
      const scanned = await service.taster(...scan, '--backend', 'wasm', '--out', 'scanned', '--quiet');
      expect(scanned).toMatchObject({ exitCode: 1, stderr: '' });
      await service.taster('enqueue', 'digits', 'monday');
      await s3.kill();
      const failures = new Map<string, number>();
      service.startWorker().stderr?.on('data', (text) => {
        for (const [, name = ''] of String(text).matchAll(/"shard":"([^"]+)".*will be tried again/g)) {
          failures.set(name, (failures.get(name) ?? 0) + 1);
        }
      });
      await until(() => names.every((name) => (failures.get(name) ?? 0) > ATTEMPTS), LONG_MS);
      await s3.restart();
      await settle('monday');
      expect(await keysBelow('quarantine/monday/')).toEqual(['poisoned.csv']);
      const [decision] = await keysBelow('vault/batches/monday/decisions/');
      const Key = `vault/batches/monday/decisions/${decision?.split('/')[0]}/report.json`;
      const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
      expect(await Body?.transformToString()).toBe(readFileSync(service.at('scanned/report.json'), 'utf8'));
    },
    LONG_MS,
  );

  it(
    'is released without a shard that was replaced before it was read, and what replaced it stays where it is',
    async () => {
      await upload('tuesday');
      await service.taster('enqueue', 'digits', 'tuesday');
      await s3.putObject(BUCKET, 'incoming/tuesday/b.csv', Buffer.from(tabularCsv('another', 120)));
      service.startWorker();
      await settle('tuesday');
      expect(await keysBelow('released/tuesday/')).toEqual(['a.csv', 'c.csv', 'd.csv', 'verdict.json']);
      expect(await keysBelow('quarantine/tuesday/')).toEqual(['poisoned.csv']);
      expect(await keysBelow('incoming/tuesday/')).toEqual(names);
    },
    LONG_MS,
  );
});
