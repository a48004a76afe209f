import { mkdirSync, writeFileSync } from 'node:fs';
import { GetObjectTaggingCommand } from '@aws-sdk/client-s3';
import { tableFromJSON, tableToIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RunningS3, S3_START_MS, startS3 } from '../../servers/s3.js';
import { addRecord, findArrival, readRecords, recordJudgement, sealArrival } from '../../src/batch/index.js';
import { checkRoleRefused } from '../../src/checkup/refused.js';
import { type Dataset, loadConfig } from '../../src/config/index.js';
import { enforce, recallBatch, recordReview } from '../../src/enforce/index.js';
import { policyOf } from '../../src/permissions/index.js';
import type { VerdictStatement } from '../../src/schema/index.js';
import { anyStore, type ObjectStore, sha256Of } from '../../src/store/index.js';
import { keyPair } from '../attest/keys.js';
import { temporaryFolder } from '../temporary-folder.js';

const at = temporaryFolder();
const DECISION = 'd'.repeat(64);
const RESTS = { policy: 'c'.repeat(64), baseline: null, contract: null, manifest: null, trust: null };
const FILES = { 'good.csv': 'sound', 'bad.csv': 'poison', 'sub/fine.csv': 'sound as well' };
let s3: RunningS3;
let dataset: Dataset;

beforeAll(async () => {
  s3 = await startS3();
  await s3.createBucket('lake');
  await s3.createBucket('plain', false);
  for (const [name, value] of Object.entries(s3.variables)) vi.stubEnv(name, value);
  dataset = configured('s3://lake');
}, S3_START_MS);
afterAll(async () => {
  vi.unstubAllEnvs();
  await s3?.stop();
});

function configured(root: string, more: object = {}): Dataset {
  const roots = ['incoming', 'released', 'quarantine', 'vault'].map((name) => [name, `${root}/${name}`]);
  const settings = { ...Object.fromEntries(roots), placement: 'in-place', ...more };
  mkdirSync(at(), { recursive: true });
  writeFileSync(at('config.json'), JSON.stringify({ datasets: { d: settings } }));
  return loadConfig(at('config.json')).datasets.get('d') as Dataset;
}

/** Uploads and judges a batch of which bad.csv is held. */
async function judged(own: Dataset, batch: string): Promise<void> {
  for (const [path, content] of Object.entries(FILES)) {
    await anyStore.create(own.incoming, `${batch}/${path}`, Buffer.from(content));
  }
  await sealArrival(anyStore, own, await findArrival(anyStore, own, batch));
  const shards = Object.entries(FILES).map(([path, content]) => ({
    ...{ path, sha256: sha256Of(content) },
    released: path !== 'bad.csv',
  }));
  const judgement = { plan: 'a'.repeat(64), decision: DECISION, mode: 'enforce', rests: RESTS, shards } as const;
  await recordJudgement(anyStore, own.vault, batch, { kind: 'judged', ...judgement }, async () => {});
}

const review = (own: Dataset, batch: string, action: 'release' | 'reject') =>
  recordReview(anyStore, own, batch, {
    ...{ action, shards: ['bad.csv'], decision: DECISION },
    ...{ reviewer: 'ann', reason: 'seen', at: 'now' },
  });

async function tagOf(uri: string, VersionId?: string): Promise<string | undefined> {
  const [, , Bucket = '', ...key] = uri.split('/');
  const request = { Bucket, Key: key.join('/'), ...(VersionId !== undefined && { VersionId }) };
  const { TagSet = [] } = await s3.client.send(new GetObjectTaggingCommand(request));
  return TagSet.find(({ Key }) => Key === 'taster-verdict')?.Value;
}

async function tagsOf(own: Dataset, batch: string): Promise<Record<string, string | undefined>> {
  const objects = await anyStore.list(`${own.incoming}/${batch}`);
  return Object.fromEntries(await Promise.all(objects.map(async ({ path, uri }) => [path, await tagOf(uri)])));
}

const RELEASED = { 'bad.csv': 'quarantined', 'good.csv': 'released', 'sub/fine.csv': 'released' };

describe('in place', () => {
  it.each(['lake', 'plain'])(
    'shards stay where they arrived in s3://%s, and tags say what was decided',
    async (bucket) => {
      const own = configured(`s3://${bucket}`);
      await judged(own, 'monday');
      await enforce(anyStore, own, 'monday', null);
      expect(await tagsOf(own, 'monday')).toEqual(RELEASED);
      await expect(anyStore.list(own.quarantine)).rejects.toMatchObject({ code: 'PATH_MISSING' });
      expect((await anyStore.list(own.released)).map(({ path }) => path)).toEqual(['monday/verdict.json']);
      const verdict = await anyStore.read(`${own.released}/monday/verdict.json`);
      const { predicate } = JSON.parse(Buffer.from(verdict).toString()) as VerdictStatement;
      expect(predicate.shards.filter(({ released }) => released).map(({ name }) => name)).toEqual([
        'good.csv',
        'sub/fine.csv',
      ]);
      await review(own, 'monday', 'release');
      await enforce(anyStore, own, 'monday', null);
      expect(await tagsOf(own, 'monday')).toEqual({ ...RELEASED, 'bad.csv': 'released' });
    },
  );

  it.each(['lake', 'plain'])('what is recalled is tagged as quarantined, where it lies in s3://%s', async (bucket) => {
    const own = configured(`s3://${bucket}`);
    const { own: key } = keyPair();
    await judged(own, 'recalled');
    await enforce(anyStore, own, 'recalled', key);
    const { files } = await recallBatch(anyStore, own, 'recalled', { reason: 'planted', by: null }, key);
    expect(files.map(({ path, state }) => [path, state])).toEqual([
      ['good.csv', 'tagged'],
      ['sub/fine.csv', 'tagged'],
    ]);
    expect(await tagsOf(own, 'recalled')).toEqual({
      ...{ 'bad.csv': 'quarantined', 'good.csv': 'quarantined', 'sub/fine.csv': 'quarantined' },
    });
    const { payload } = JSON.parse(
      Buffer.from(await anyStore.read(`${own.released}/recalled/_verdict-2.json`)).toString(),
    ) as { payload: string };
    const { predicate } = JSON.parse(Buffer.from(payload, 'base64').toString()) as VerdictStatement;
    expect(predicate.shards.filter(({ released }) => released)).toEqual([]);
  });

  it('a version that has taken the place of one that was judged has no tag', async () => {
    await judged(dataset, 'replaced');
    const [, good] = await anyStore.list(`${dataset.incoming}/replaced`);
    await s3.putObject('lake', 'incoming/replaced/good.csv', Buffer.from('replaced'));
    await enforce(anyStore, dataset, 'replaced', null);
    expect(await tagsOf(dataset, 'replaced')).toEqual({ ...RELEASED, 'good.csv': undefined });
    expect(await tagOf(good?.uri ?? '', good?.version)).toBe('released');
    const plain = configured('s3://plain');
    await judged(plain, 'replaced');
    await s3.putObject('plain', 'incoming/replaced/good.csv', Buffer.from('replaced'));
    const { shards } = await enforce(anyStore, plain, 'replaced', null);
    expect(shards.find(({ path }) => path === 'good.csv')?.standing).toBe('changed');
    expect(await tagsOf(plain, 'replaced')).toEqual({ ...RELEASED, 'good.csv': undefined });
  });

  it.each([
    ['lake', 'in-place'],
    ['plain', 'in-place'],
    ['lake', 'copy'],
  ])(
    'a shard that is gone from s3://%s is held as changed, and keeps no other waiting (%s)',
    async (bucket, placement) => {
      const own = { ...configured(`s3://${bucket}`), placement } as Dataset;
      await judged(own, `gone-${placement}`);
      const [, good] = await anyStore.list(`${own.incoming}/gone-${placement}`);
      await anyStore.remove(good?.uri ?? '', good?.version);
      const { shards } = await enforce(anyStore, own, `gone-${placement}`, null);
      expect(Object.fromEntries(shards.map(({ path, standing }) => [path, standing]))).toEqual({
        ...{ 'bad.csv': 'held', 'good.csv': 'changed', 'sub/fine.csv': 'released' },
      });
    },
  );

  it('tags that a worker has left who was overtaken and killed are set right, but for what is gone by now', async () => {
    await judged(dataset, 'left');
    await enforce(anyStore, dataset, 'left', null);
    await anyStore.tag(`${dataset.incoming}/left/bad.csv`, undefined, { 'taster-verdict': 'released' });
    const gone = (await anyStore.list(`${dataset.incoming}/left`)).find(({ path }) => path === 'good.csv');
    await anyStore.remove(gone?.uri ?? '', gone?.version);
    await enforce(anyStore, dataset, 'left', null);
    expect(await tagsOf(dataset, 'left')).toEqual({ 'bad.csv': 'quarantined', 'sub/fine.csv': 'released' });
  });

  it('nothing is released by its tag before a verdict says so, nor by a worker that was overtaken', async () => {
    await judged(dataset, 'stalled');
    const unwritten: ObjectStore = {
      ...anyStore,
      create: async (root, path, content) => {
        if (root === dataset.released) throw new Error('killed');
        return anyStore.create(root, path, content);
      },
    };
    await expect(enforce(unwritten, dataset, 'stalled', null)).rejects.toThrow('killed');
    expect(await tagsOf(dataset, 'stalled')).toEqual({
      ...{ 'bad.csv': 'quarantined', 'good.csv': undefined, 'sub/fine.csv': undefined },
    });
    await enforce(anyStore, dataset, 'stalled', null);
    await review(dataset, 'stalled', 'release');
    let isOvertaken = false;
    const overtaken: ObjectStore = {
      ...anyStore,
      create: async (root, path, content) => {
        if (!isOvertaken && path.startsWith('batches/stalled/records/')) {
          isOvertaken = true;
          // Between the tags of one worker and its record another has settled, and somebody has rejected meanwhile.
          await enforce(anyStore, dataset, 'stalled', null);
          await anyStore.tag(`${dataset.incoming}/stalled/good.csv`, undefined, { 'taster-verdict': 'quarantined' });
        }
        return anyStore.create(root, path, content);
      },
    };
    await enforce(overtaken, dataset, 'stalled', null);
    expect(isOvertaken).toBe(true);
    expect(await tagsOf(dataset, 'stalled')).toEqual({ ...RELEASED, 'bad.csv': 'released' });
    expect(
      (await readRecords(anyStore, dataset.vault, 'stalled')).filter(({ kind }) => kind === 'settled'),
    ).toHaveLength(2);
  });

  it('doctor tries whether a trainer is refused to read what is held', async () => {
    const own = configured('s3://lake/tried');
    const tried: string[] = [];
    const trainer: ObjectStore = {
      ...anyStore,
      read: async (uri, version) => {
        tried.push(uri);
        return anyStore.read(uri, version);
      },
    };
    const told = async () =>
      (await checkRoleRefused(anyStore, trainer, 'trainer', own))
        .filter(({ message }) => message.includes('/tried/incoming') && message.includes('read'))
        .map(({ outcome }) => outcome);
    expect([await told(), tried.filter((uri) => uri.includes('/incoming/'))]).toEqual([['advice'], []]);
    await judged(own, 'monday');
    await enforce(anyStore, own, 'monday', null);
    expect(await told()).toEqual(['problem']);
    expect(tried.filter((uri) => uri.includes('/incoming/'))).toEqual(['s3://lake/tried/incoming/monday/bad.csv']);
  });

  it('trainers may read what has the tag, and workers set it', () => {
    const inPlace = policyOf('trainer', [dataset])?.Statement.find(({ Sid }) => Sid === 'ReadInPlace');
    expect(inPlace).toEqual({
      Sid: 'ReadInPlace',
      Effect: 'Allow',
      Action: ['s3:GetObject', 's3:GetObjectVersion'],
      Resource: ['arn:aws:s3:::lake/incoming/*'],
      Condition: { StringEquals: { 's3:ExistingObjectTag/taster-verdict': 'released' } },
    });
    const marking = policyOf('worker', [dataset])?.Statement.find(({ Sid }) => Sid === 'Mark');
    expect(marking?.Resource).toEqual(['arn:aws:s3:::lake/incoming/*', 'arn:aws:s3:::lake/released/*']);
    const elsewhere = policyOf('trainer', [{ ...dataset, placement: 'copy' }])?.Statement;
    expect(elsewhere?.flatMap(({ Resource }) => Resource)).not.toContain('arn:aws:s3:::lake/incoming/*');
    for (const role of ['uploader', 'reviewer', 'trainer', 'operator'] as const) {
      expect(
        policyOf(role, [dataset])
          ?.Statement.flatMap(({ Action }) => Action)
          .join(),
      ).not.toContain('PutObjectTagging');
    }
  });

  it('is refused for folders, and where originals are removed', () => {
    expect(() => configured(at('files'))).toThrow(/placement: in-place needs incoming in S3: files have no tags/);
    expect(() => configured('s3://lake', { keepOriginals: false })).toThrow(/keepOriginals: must be true in-place/);
  });
});

describe('copies', () => {
  it('are tagged as well', async () => {
    const copied = { ...configured('s3://lake'), placement: 'copy' } as Dataset;
    await judged(copied, 'tuesday');
    await enforce(anyStore, copied, 'tuesday', null);
    expect(await tagOf('s3://lake/released/tuesday/good.csv')).toBe('released');
    expect(await tagOf('s3://lake/quarantine/tuesday/bad.csv')).toBe('quarantined');
    expect(await tagsOf(copied, 'tuesday')).toEqual({
      ...{ 'bad.csv': undefined, 'good.csv': undefined, 'sub/fine.csv': undefined },
    });
  });
});

describe.each(['copy', 'in-place'])('what a rescan withdraws (%s)', (placement) => {
  const by = { plan: 'a'.repeat(64), decision: DECISION, mode: 'enforce', rests: RESTS } as const;
  const files = { 'bad.csv': 'a,b\n1,2\n3,4\n', 'good.csv': 'sound' };

  it('is tagged as quarantined where it was released, and so is what was released without rows', async () => {
    const own = { ...configured('s3://lake'), placement } as Dataset;
    const batch = `withdrawn-${placement}`;
    for (const [path, content] of Object.entries(files)) {
      await anyStore.create(own.incoming, `${batch}/${path}`, Buffer.from(content));
    }
    await sealArrival(anyStore, own, await findArrival(anyStore, own, batch));
    const marks = tableToIPC(tableFromJSON([false, true].map((withhold) => ({ shard: 'bad.csv', withhold }))), 'file');
    await anyStore.create(`${own.vault}/batches/${batch}/decisions/${DECISION}`, 'rows.arrow', marks);
    const shardsBut = (...held: string[]) =>
      Object.entries(files).map(([path, text]) => ({ path, sha256: sha256Of(text), released: !held.includes(path) }));
    const judge = (held: string[], plan: string) =>
      recordJudgement(
        ...([anyStore, own.vault, batch] as const),
        { kind: 'judged', ...by, plan, shards: shardsBut(...held), marks: sha256Of(marks) },
        async () => {},
      );
    await judge(['bad.csv'], by.plan);
    const said = { decision: DECISION, reviewer: 'ann', reason: 'seen', at: 'now' };
    await recordReview(anyStore, own, batch, { action: 'release-without-rows', shards: ['bad.csv'], ...said });
    await enforce(anyStore, own, batch, null);
    const tags = async () => {
      const there = await anyStore.list(`${own.released}/${batch}`);
      const ofShards = there.filter(({ path }) => path !== 'verdict.json');
      return Promise.all(ofShards.map(async ({ path, uri }) => [path.slice(0, 9), await tagOf(uri)]));
    };
    const isCopied = placement === 'copy';
    const all = (tag: string) => [['bad.csv.c', tag], ...(isCopied ? [['good.csv', tag]] : [])];
    expect(await tags()).toEqual(all('released'));
    const plan = 'b'.repeat(64);
    const { length } = await readRecords(anyStore, own.vault, batch);
    await addRecord(anyStore, own.vault, batch, length, { kind: 'rescan', plan, at: 'now' });
    await judge(['bad.csv', 'good.csv'], plan);
    await enforce(anyStore, own, batch, null);
    expect(await tags()).toEqual(all('quarantined'));
    // Set right by whoever looks next, where they rest on tags.
    const [rest] = (await anyStore.list(`${own.released}/${batch}`)).filter(({ path }) => path.includes('.clean.'));
    await anyStore.tag(rest?.uri as string, undefined, { 'taster-verdict': 'released' });
    await enforce(anyStore, own, batch, null);
    expect(await tagOf(rest?.uri as string)).toBe(isCopied ? 'released' : 'quarantined');
  });
});
