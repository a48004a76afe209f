import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { type RunningS3, S3_START_MS, startS3 } from '../../servers/s3.js';
import { locateShards, type Room, type Shard, spoolShard } from '../../src/intake/index.js';
import { anyStore } from '../../src/store/index.js';

const CONTENT = 'x,label\n1,a\n';
const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');

let s3: RunningS3;
let scratch: string;
let shard: Shard;

beforeAll(async () => {
  s3 = await startS3();
  for (const [name, value] of Object.entries(s3.variables)) vi.stubEnv(name, value);
  await s3.createBucket('lake');
  await s3.client.send(new PutObjectCommand({ Bucket: 'lake', Key: 'in/a.csv', Body: CONTENT }));
  [shard] = (await locateShards(anyStore, ['s3://lake/in'])) as [Shard];
  await s3.client.send(new PutObjectCommand({ Bucket: 'lake', Key: 'in/a.csv', Body: 'changed since' }));
}, S3_START_MS);
afterAll(async () => {
  vi.unstubAllEnvs();
  await s3?.stop();
});
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'taster-spool-'));
  held = [];
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

/** Bytes of room that are taken, as it changes. */
let held: number[];
const room: Room = {
  take: async (bytes) => {
    held.push((held.at(-1) ?? 0) + bytes);
    return () => void held.push((held.at(-1) ?? 0) - bytes);
  },
};

const spool = (one: Shard, digest?: string, into = scratch) =>
  spoolShard({ store: anyStore, limits: { shardBytes: 1000 }, scratch: into, room }, one, digest);

it('copies the version that was listed to a file for this user alone, until it is discarded', async () => {
  const spooled = await spool(shard, sha256(CONTENT));
  expect(spooled.shard).toEqual({ path: 'a.csv', uri: expect.stringContaining(scratch), bytes: CONTENT.length });
  expect(await readFile(spooled.shard.uri, 'utf8')).toBe(CONTENT);
  expect((await stat(spooled.shard.uri)).mode & 0o777).toBe(0o600);
  expect(held).toEqual([CONTENT.length]);
  await spooled.discard();
  expect(await readdir(scratch)).toEqual([]);
  expect(held).toEqual([CONTENT.length, 0]);
});

it('copies no file of this machine', async () => {
  await writeFile(join(scratch, 'a.csv'), CONTENT);
  const [file] = (await locateShards(anyStore, [scratch])) as [Shard];
  const spooled = await spool(file);
  expect(spooled.shard).toBe(file);
  await spooled.discard();
  expect(await readdir(scratch)).toEqual(['a.csv']);
  expect(held).toEqual([]);
});

it('leaves what is too large to be read where it is', async () => {
  const large = { ...shard, bytes: 1001 };
  expect((await spool(large)).shard).toBe(large);
  expect(await readdir(scratch)).toEqual([]);
  expect(held).toEqual([]);
});

it.each([
  ['it holds something else than when it was scored', {}, sha256('other'), 'it has changed since it was scored'],
  ['it is longer than it was listed', { bytes: CONTENT.length - 1 }, undefined, 'not as long as it was listed'],
  ['it is shorter than it was listed', { bytes: CONTENT.length + 1 }, undefined, 'not as long as it was listed'],
  ['there is no such version', { version: '01M8GHVDF7MM1DW00J4RMTG1YW' }, undefined, 'there no more'],
])('keeps nothing where %s', async (_, difference, digest, detail) => {
  await expect(spool({ ...shard, ...difference }, digest)).rejects.toMatchObject({
    name: 'Transient',
    code: 'READ_FAILED',
    message: expect.stringMatching(new RegExp(`^s3://lake/in/a\\.csv: reading failed: .*${detail}`)),
  });
  expect(await readdir(scratch)).toEqual([]);
  expect(held.at(-1)).toBe(0);
});

it('says that it cannot be written', async () => {
  await expect(spool(shard, undefined, join(scratch, 'nowhere'))).rejects.toMatchObject({ code: 'WRITE_FAILED' });
  expect(held).toEqual([CONTENT.length, 0]);
});
