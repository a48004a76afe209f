import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { type RunningS3, S3_START_MS, startS3 } from '../../servers/s3.js';
import { anyStore } from '../../src/store/index.js';
import { temporaryFolder } from '../temporary-folder.js';
import { bindRoles, digitShards, makeService, rootsIn, type TestService } from './service.js';

const SOUND = ['images-1', 'images-3', 'images-4', 'images-6', 'images-8'].map((name) => `${name}.parquet`);
const POISONED = ['images-2', 'images-5', 'images-7'].map((name) => `${name}.parquet`);
const BUCKET = 'lake';
const ROOT = `s3://${BUCKET}`;

const inFolder = temporaryFolder();
let redis: RedisServer;
let s3: RunningS3;
const ROLES = ['worker', 'operator', 'reviewer'] as const;
const users = new Map<(typeof ROLES)[number], Readonly<Record<string, string>>>();
let service: TestService;

/** Whose credentials the commands from now on have. */
function become(role: (typeof ROLES)[number]): void {
  for (const [name, value] of Object.entries(users.get(role) ?? {})) vi.stubEnv(name, value);
}

beforeAll(async () => {
  [redis, s3] = await Promise.all([startRedis(), startS3()]);
  await s3.createBucket(BUCKET);
  for (const role of ROLES) users.set(role, await s3.addUser(role));
  const dataset = { ...rootsIn(BUCKET), keepOriginals: false };
  service = await makeService(inFolder('service'), redis, { dataset });
  await bindRoles(s3, BUCKET, service, ROLES);
  become('worker');
}, S3_START_MS);
afterAll(async () => {
  await service?.stopWorkers();
  vi.unstubAllEnvs();
  await redis?.stop();
  await s3?.stop();
});

const put = (key: string, content: string | Uint8Array) =>
  s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: content }));

/** Waits until the store holds, or no longer holds, an object. */
async function until(path: string, isThere: boolean): Promise<void> {
  for (
    const end = Date.now() + 90_000;
    ((await anyStore.find(ROOT, path)) !== undefined) !== isThere;
    await sleep(50)
  ) {
    if (Date.now() > end) throw new Error(`waited in vain for ${path}`);
  }
}

describe('the service in S3, with the least permissions', () => {
  it('releases what was sealed, bit by bit, whatever has taken its place, and holds the rest', async () => {
    const files = digitShards();
    for (const [name, content] of Object.entries(files)) await put(`incoming/monday/${name}`, content);
    become('operator');
    expect(await service.taster('enqueue', 'digits', 'monday')).toMatchObject({ exitCode: 0, stderr: '' });
    become('worker');
    await put('incoming/monday/images-1.parquet', 'replaced after the seal');
    service.startWorker();
    await until('released/monday/verdict.json', true);
    for (const name of SOUND) {
      const content = await anyStore.read(`${ROOT}/released/monday/${name}`);
      expect(Buffer.compare(content, Buffer.from(files[name] as Uint8Array))).toBe(0);
    }
    const held = await anyStore.list(`${ROOT}/quarantine/monday`);
    expect(held.map(({ path }) => path)).toEqual(POISONED);
    await until('incoming/monday/images-8.parquet', false);
    expect(Buffer.from(await anyStore.read(`${ROOT}/incoming/monday/images-1.parquet`)).toString()).toMatch(
      /^replaced/,
    );
  });

  it('does what a reviewer says, and what an operator asks for', async () => {
    become('reviewer');
    const { stdout } = await service.taster('review', 'list', '--json');
    const [{ decision }] = JSON.parse(stdout);
    const said = ['--decision', decision, '--by', 'ann', '--reason', 'it is meant to be noise'];
    const reviewed = await service.taster('review', 'release', 'digits', 'monday', 'images-7.parquet', ...said);
    expect(reviewed).toMatchObject({ exitCode: 0, stderr: '' });
    become('worker');
    await until('released/monday/images-7.parquet', true);
    become('operator');
    for (const asked of [['pause', 'digits'], ['resume', 'digits'], ['reconcile'], ['rescan', 'digits', 'monday']]) {
      expect(await service.taster(...asked)).toMatchObject({ exitCode: 0, stderr: '' });
    }
  });
});
