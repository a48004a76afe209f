import { readFileSync } from 'node:fs';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { type RunningS3, S3_START_MS, startS3 } from '../../servers/s3.js';
import { temporaryFolder } from '../temporary-folder.js';
import { digitShards, makeService, rootsIn, type TestService } from './service.js';

const BUCKET = 'lake';
const HELD = ['images-2.parquet', 'images-5.parquet', 'images-7.parquet'];

const inFolder = temporaryFolder();
let redis: RedisServer;
let s3: RunningS3;
let service: TestService;

beforeAll(async () => {
  [redis, s3] = await Promise.all([startRedis(), startS3()]);
  await s3.createBucket(BUCKET);
  const dataset = { ...rootsIn(BUCKET), keepOriginals: false };
  service = await makeService(inFolder('service'), redis, { dataset, env: s3.variables });
}, S3_START_MS);
afterAll(async () => {
  await service?.stopWorkers();
  await Promise.all([redis?.stop(), s3?.stop()]);
});

const keysBelow = (prefix: string) => s3.keysBelow(BUCKET, prefix);

async function read(key: string): Promise<Buffer> {
  const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

async function isSettled(batch: string): Promise<boolean> {
  const { batches } = JSON.parse((await service.taster('status', '--json')).stdout);
  return batches.some((one: { batch: string; state: string }) => one.batch === batch && one.state === 'settled');
}

describe('the service with roots in S3', () => {
  it('releases, holds and decides as with folders', async () => {
    const shards = digitShards();
    for (const [name, Body] of Object.entries(shards)) {
      await s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: `incoming/monday/${name}`, Body }));
    }
    const scan = ['scan', `s3://${BUCKET}/incoming/monday`, '--baseline', 'trusted.taster', '--ledger', 'ledger'];
    const scanned = await service.taster(...scan, '--backend', 'wasm', '--out', 'scanned', '--quiet');
    expect(scanned).toMatchObject({ exitCode: 1, stderr: '' });
    const enqueued = await service.taster('enqueue', `s3://${BUCKET}/incoming/monday`);
    expect(enqueued).toMatchObject({ exitCode: 0, stdout: 'queued digits monday\n' });
    service.startWorker();
    while (!(await isSettled('monday')));
    const sound = Object.keys(shards).filter((name) => !HELD.includes(name));
    expect(await keysBelow('released/monday/')).toEqual([...sound, 'verdict.json'].sort());
    expect(await keysBelow('quarantine/monday/')).toEqual(HELD);
    expect(await keysBelow('incoming/')).toEqual([]);
    for (const name of sound) expect((await read(`released/monday/${name}`)).equals(shards[name] as Buffer)).toBe(true);
    const [decision] = (await keysBelow('vault/batches/monday/decisions/')).filter((key) =>
      key.endsWith('report.json'),
    );
    const report = await read(`vault/batches/monday/decisions/${decision}`);
    expect(report.equals(readFileSync(service.at('scanned/report.json')))).toBe(true);
  });
});
