import { writeFileSync } from 'node:fs';
import { GetObjectTaggingCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { type RunningS3, S3_START_MS, startS3 } from '../../servers/s3.js';
import { keyPair, privatePem, publicPem } from '../attest/keys.js';
import { temporaryFolder } from '../temporary-folder.js';
import { digitShards, makeService, rootsIn, type TestService } from './service.js';

const BUCKET = 'lake';
const HELD = ['images-2.parquet', 'images-5.parquet', 'images-7.parquet'];

const inFolder = temporaryFolder();
let redis: RedisServer;
let s3: RunningS3;
let service: TestService;

beforeAll(async () => {
  const { own, open } = keyPair();
  writeFileSync(inFolder('scanner.pem'), privatePem(own));
  writeFileSync(inFolder('scanner.pub.pem'), publicPem(open));
  const verifiers = [{ name: 'scanner', key: 'scanner.pub.pem', datasets: ['*'] }];
  writeFileSync(inFolder('trust.json'), JSON.stringify({ version: 1, senders: [], verifiers, requireStatus: false }));
  [redis, s3] = await Promise.all([startRedis(), startS3()]);
  await s3.createBucket(BUCKET);
  const dataset = { ...rootsIn(BUCKET), placement: 'in-place', sign: '../scanner.pem' };
  service = await makeService(inFolder('service'), redis, { dataset, env: s3.variables });
}, S3_START_MS);
afterAll(async () => {
  await service?.stopWorkers();
  await Promise.all([redis?.stop(), s3?.stop()]);
});

const keysBelow = (prefix: string) => s3.keysBelow(BUCKET, prefix);

async function verdictTag(name: string): Promise<string | undefined> {
  const object = { Bucket: BUCKET, Key: `incoming/monday/${name}` };
  const { TagSet = [] } = await s3.client.send(new GetObjectTaggingCommand(object));
  return TagSet.find(({ Key }) => Key === 'taster-verdict')?.Value;
}

async function settled(batch: string): Promise<Record<string, unknown>> {
  for (;;) {
    const { batches } = JSON.parse((await service.taster('status', '--json')).stdout);
    const own = batches.find((one: { batch: string; state: string }) => one.batch === batch);
    if (own?.state === 'settled') return own;
  }
}

const gate = () =>
  service.taster(
    ...['gate', `s3://${BUCKET}/incoming/monday`, '--in-place', '--trust', '../trust.json', '--dataset', 'digits'],
    ...['--verdict', `s3://${BUCKET}/released/monday`],
  );

describe('shards that are judged in place', () => {
  const shards = digitShards();
  const sound = Object.keys(shards)
    .filter((name) => !HELD.includes(name))
    .sort();

  it('stay where they arrived, and tags, verdict and gate tell which of them are released', async () => {
    for (const [name, Body] of Object.entries(shards)) {
      await s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: `incoming/monday/${name}`, Body }));
    }
    const early = await gate();
    expect([early.exitCode === 0, early.stdout]).toEqual([false, '']);
    for (const _ of [1, 2]) service.startWorker();
    expect(await service.taster('enqueue', 'digits', 'monday')).toMatchObject({ exitCode: 0 });
    expect(await settled('monday')).toMatchObject({ shards: 8, released: 5, held: 3 });
    expect(await keysBelow('incoming/monday/')).toEqual(Object.keys(shards).sort());
    expect(await keysBelow('released/')).toEqual(['monday/verdict.json']);
    expect(await keysBelow('quarantine/')).toEqual([]);
    for (const name of sound) expect(await verdictTag(name)).toBe('released');
    for (const name of HELD) expect(await verdictTag(name)).toBe('quarantined');
    const passed = await gate();
    expect(passed).toMatchObject({ exitCode: 0, stdout: expect.not.stringContaining(HELD[0] as string) });
    for (const name of sound) expect(passed.stdout).toContain(name);
  });

  it('are tagged anew when a reviewer releases one', async () => {
    const [bad = '', ...others] = HELD;
    const decision = String((await settled('monday'))['decision']);
    const by = ['--decision', decision, '--by', 'ann', '--reason', 'it is meant to be noise'];
    expect(await service.taster('review', 'release', 'digits', 'monday', bad, ...by)).toMatchObject({ exitCode: 0 });
    while ((await keysBelow('released/')).length < 2);
    expect(await settled('monday')).toMatchObject({ released: 6, held: 2 });
    expect(await verdictTag(bad)).toBe('released');
    for (const name of others) expect(await verdictTag(name)).toBe('quarantined');
    expect(await gate()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(bad) });
  });

  it('do not pass the gate once one of them has been replaced', async () => {
    const Key = `incoming/monday/${sound[0]}`;
    const Body = shards[HELD[1] as string] as Uint8Array;
    await s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
    expect(await gate()).toMatchObject({ exitCode: 1, stdout: '' });
    // A tag is on a version: that of the one before does not speak for it.
    expect(await verdictTag(sound[0] as string)).toBeUndefined();
  });
});
