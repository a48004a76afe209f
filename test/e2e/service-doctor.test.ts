import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { ListObjectVersionsCommand, PutBucketPolicyCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { type RunningS3, S3_START_MS, startS3 } from '../../servers/s3.js';
import { checkRoots } from '../../src/checkup/roots.js';
import type { Dataset } from '../../src/config/index.js';
import type { Diagnosis } from '../../src/schema/index.js';
import { fileStore } from '../../src/store/index.js';
import { temporaryFolder } from '../temporary-folder.js';
import { run } from './command.js';

const at = temporaryFolder();
let redis: RedisServer;
let s3: RunningS3;

beforeAll(async () => {
  [redis, s3] = await Promise.all([startRedis(), startS3()]);
  await s3.createBucket('kept');
  await s3.createBucket('plain', false);
  for (const Bucket of ['kept', 'plain']) {
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'in/monday/a.csv', Body: 'a\n1\n' }));
  }
}, S3_START_MS);
afterAll(() => Promise.all([redis?.stop(), s3?.stop()]));

const rootsIn = (bucket: string) => ({
  incoming: `s3://${bucket}/in`,
  released: `s3://${bucket}/released`,
  quarantine: `s3://${bucket}/quarantine`,
  vault: `s3://${bucket}/vault`,
});

async function doctor(bucket: string, variables: Readonly<Record<string, string>> = {}) {
  writeFileSync(at('config.json'), JSON.stringify({ datasets: { mail: rootsIn(bucket) } }));
  const env = { ...s3.variables, TASTER_REDIS_URL: redis.url, TASTER_BACKEND: 'wasm', ...variables };
  const { exitCode, stdout } = await run(['doctor', '--config', 'config.json', '--json'], { cwd: at(), env });
  const { ready, service = [] } = JSON.parse(stdout) as Diagnosis;
  const told = service.map(({ subject, outcome, message }) => `${outcome} ${subject}: ${message}`);
  return { exitCode, ready, told };
}

describe('taster doctor --config', () => {
  it('says that the service can run, and leaves nothing behind', async () => {
    expect(await doctor('kept')).toEqual({
      exitCode: 0,
      ready: true,
      told: [
        expect.stringMatching(/^fine Redis: version \d/),
        'fine Redis: keeps jobs when its memory is full',
        'fine Redis: writes its changes down (appendonly)',
        'fine datasets.mail.incoming: s3://kept/in can be read',
        'fine datasets.mail.incoming: keeps versions',
        ...['vault', 'released', 'quarantine'].map(
          (root) =>
            `fine datasets.mail.${root}: s3://kept/${root} can be read and written to, and a second write is refused`,
        ),
        'advice datasets.mail.mode: observe: enforce would have held 0 of 0 batches',
      ],
    });
    const { Versions = [] } = await s3.client.send(new ListObjectVersionsCommand({ Bucket: 'kept' }));
    expect(Versions.map(({ Key }) => Key)).toEqual(['in/monday/a.csv']);
    const { stdout } = await run(['doctor', '--config', 'config.json'], {
      cwd: at(),
      env: { ...s3.variables, TASTER_REDIS_URL: redis.url, TASTER_BACKEND: 'wasm' },
    });
    expect(stdout).toMatch(/^READY {2}The service can run here\./);
  });

  it('says what is wrong with Redis', async () => {
    const client = new Redis(redis.url);
    await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await client.config('SET', 'appendonly', 'no');
    client.disconnect();
    const { exitCode, ready, told } = await doctor('kept');
    expect([exitCode, ready]).toEqual([3, false]);
    expect(told).toContain('problem Redis: drops jobs when its memory is full (maxmemory-policy allkeys-lru)');
    expect(told).toContain('advice Redis: may lose its queue in a crash: appendonly is off');
    const gone = await doctor('kept', { TASTER_REDIS_URL: 'redis://127.0.0.1:1' });
    expect([gone.exitCode, gone.told[0]]).toEqual([
      3,
      expect.stringMatching(/^problem Redis: the queue cannot be reached: .*ECONNREFUSED/),
    ]);
  });

  it('says what a bucket lacks, and what these credentials may not do', async () => {
    const { told } = await doctor('plain');
    expect(told).toContain(
      'advice datasets.mail.incoming: its bucket keeps no versions, or these credentials may not list them',
    );
    const reader = await s3.addUser('reader');
    const Statement = [
      {
        Effect: 'Allow',
        Principal: { AWS: ['reader'] },
        Action: ['s3:GetObject', 's3:ListBucket', 's3:ListBucketVersions'],
        Resource: ['arn:aws:s3:::kept', 'arn:aws:s3:::kept/*'],
      },
    ];
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
    await s3.client.send(new PutBucketPolicyCommand({ Bucket: 'kept', Policy }));
    const denied = await doctor('kept', reader);
    expect(denied.exitCode).toBe(3);
    for (const root of ['vault', 'released', 'quarantine']) {
      expect(denied.told).toContainEqual(
        expect.stringMatching(new RegExp(`^problem datasets.mail.${root}: .*access is denied`)),
      );
    }
    const missing = await doctor('nowhere');
    expect(missing.told).toContain('problem datasets.mail.incoming: s3://nowhere: no such file or folder');
  });

  it('notices a store that lets a second write through', async () => {
    const roots = { incoming: at('in'), released: at('released'), quarantine: at('quarantine'), vault: at('vault') };
    for (const root of Object.values(roots)) mkdirSync(root, { recursive: true });
    const careless = {
      ...fileStore,
      create: async (...job: Parameters<typeof fileStore.create>) => (await fileStore.create(...job)) || true,
    };
    const dataset = { name: 'mail', ...roots } as Dataset;
    const outcomes = async (store: typeof fileStore) =>
      (await checkRoots(store, dataset)).map(({ outcome }) => outcome);
    expect((await outcomes(fileStore))[0]).toBe('advice');
    mkdirSync(at('in/monday'));
    writeFileSync(at('in/monday/a.csv'), 'a\n1\n');
    expect(await outcomes(fileStore)).toEqual(['fine', 'fine', 'fine', 'fine']);
    expect(await outcomes(careless)).toEqual(['fine', 'problem', 'problem', 'problem']);
    expect(existsSync(at('vault/_doctor'))).toBe(false);
  });
});
