import { mkdirSync, writeFileSync } from 'node:fs';
import {
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { tableFromJSON, tableToIPC } from 'apache-arrow';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RunningS3, S3_START_MS, startS3 } from '../../servers/s3.js';
import { envelopeText, seal } from '../../src/attest/index.js';
import { addRecord, findArrival, readRecords, recordJudgement, sealArrival } from '../../src/batch/index.js';
import { type Dataset, loadConfig } from '../../src/config/index.js';
import { enforce, type RecalledFiles, recallBatch, recordReview } from '../../src/enforce/index.js';
import { lastVerdict } from '../../src/enforce/verdicts.js';
import { verdictIn, verdictOf } from '../../src/gate/index.js';
import type { VerdictShard, VerdictStatement } from '../../src/schema/index.js';
import { anyStore, type ObjectStore, sha256Of } from '../../src/store/index.js';
import { openS3Store } from '../../src/store/s3/s3-store.js';
import { keyPair, privatePem, publicPem } from '../attest/keys.js';
import { temporaryFolder } from '../temporary-folder.js';

const at = temporaryFolder();
const { own: key, open: publicKey } = keyPair();
const DECISION = 'd'.repeat(64);
const RESTS = { policy: 'c'.repeat(64), baseline: null, contract: null, manifest: null, trust: null };
const FILES = { 'bad.csv': 'a,b\n1,2\n3,4\n5,6\n', 'good.csv': 'sound', 'sub/fine.csv': 'sound as well' };
const CLEANED = 'bad.csv.clean.parquet';
const why = { reason: 'planted', by: 'ann' };
let s3: RunningS3;
let batches = 0;
let batch: string;

beforeAll(async () => {
  s3 = await startS3();
  await s3.createBucket('lake');
  await s3.createBucket('plain', false);
  await s3.createBucket('late', false);
  for (const [name, value] of Object.entries(s3.variables)) vi.stubEnv(name, value);
}, S3_START_MS);
afterAll(async () => {
  vi.unstubAllEnvs();
  await s3?.stop();
});
beforeEach(() => {
  batch = `batch-${++batches}`;
});

function configured(root: string, more: object = {}): Dataset {
  const roots = ['incoming', 'released', 'quarantine', 'vault'].map((name) => [name, `${root}/${name}`]);
  const settings = { ...Object.fromEntries(roots), ...more };
  mkdirSync(at(), { recursive: true });
  writeFileSync(at('config.json'), JSON.stringify({ datasets: { d: settings } }));
  return loadConfig(at('config.json')).datasets.get('d') as Dataset;
}

/** A batch of which good.csv and sub/fine.csv are released, bad.csv is held. */
async function released(own: Dataset, more: Readonly<Record<string, string>> = {}, held = ['bad.csv']): Promise<void> {
  const files = { ...FILES, ...more };
  for (const [path, content] of Object.entries(files)) {
    await anyStore.create(own.incoming, `${batch}/${path}`, Buffer.from(content));
  }
  await sealArrival(anyStore, own, await findArrival(anyStore, own, batch));
  const rows = [false, true, false].map((withhold) => ({ shard: 'bad.csv', withhold }));
  const marks = tableToIPC(tableFromJSON(rows), 'file');
  await anyStore.create(`${own.vault}/batches/${batch}/decisions/${DECISION}`, 'rows.arrow', marks);
  const shards = Object.entries(files).map(([path, content]) => ({
    ...{ path, sha256: sha256Of(content) },
    released: !held.includes(path),
  }));
  const judgement = { plan: 'a'.repeat(64), decision: DECISION, mode: 'enforce', rests: RESTS, shards } as const;
  const judged = { kind: 'judged', ...judgement, marks: sha256Of(marks) } as const;
  await recordJudgement(anyStore, own.vault, batch, judged, async () => {});
  await enforce(anyStore, own, batch, key);
}

function review(own: Dataset, action: 'release-without-rows' | 'reopen'): Promise<number> {
  const said = { reviewer: 'ann', reason: 'seen', at: 'now', decision: DECISION, shards: ['bad.csv'] };
  return recordReview(anyStore, own, batch, { action, ...said });
}

const restOf = (sha256: string) => `bad.csv.clean.${sha256}.parquet`;

/** Releases the rest of bad.csv; returns its SHA-256. */
async function cleaned(own: Dataset): Promise<string> {
  await review(own, 'release-without-rows');
  await enforce(anyStore, own, batch, key);
  const rests = (await anyStore.list(`${own.released}/${batch}`)).filter(({ path }) => path.includes('.clean.'));
  const sha256 = sha256Of(await anyStore.read(rests[0]?.uri as string));
  expect(rests.map(({ path }) => path)).toEqual([restOf(sha256)]);
  return sha256;
}

/** The same by a version that left the digest out of the name. */
async function cleanedEarlier(own: Dataset): Promise<string> {
  const records = await review(own, 'release-without-rows');
  const content = Buffer.from('the rest');
  const sha256 = sha256Of(content);
  await anyStore.create(own.released, `${batch}/${CLEANED}`, content);
  const before = verdictIn(await anyStore.read(`${own.released}/${batch}/verdict.json`)) as VerdictStatement;
  const shards = [...before.predicate.shards, { name: CLEANED, digest: { sha256 }, released: true }];
  const statement = Buffer.from(JSON.stringify(statementOn(shards)));
  const verdict = '_verdict-2.json';
  await anyStore.create(own.released, `${batch}/${verdict}`, Buffer.from(envelopeText(seal(statement, [key]))));
  await addRecord(anyStore, own.vault, batch, records, { kind: 'settled', verdict, changed: [] });
  return sha256;
}

function statementOn(shards: VerdictShard[]): VerdictStatement {
  const now = new Date();
  const more = { version: '1', mode: 'enforce', rests: { decision: DECISION, ...RESTS } } as const;
  return verdictOf({ batch, dataset: 'd', verified: now, expires: now, shards, ...more });
}

/** As nobody does who goes by the rules: over what is there. */
async function write(own: Dataset, root: 'released' | 'quarantine', path: string, content: string): Promise<void> {
  const [, , Bucket = '', ...prefix] = own[root].split('/');
  const Body = Buffer.from(content);
  await s3.client.send(new PutObjectCommand({ Bucket, Key: [...prefix, batch, path].join('/'), Body }));
}

/** What can be read of a name in a bucket, whatever version of it is asked for; newest first. */
async function readable(own: Dataset, path: string): Promise<string[]> {
  const [, , Bucket = '', ...prefix] = own.released.split('/');
  const Key = [...prefix, batch, path].join('/');
  const { Versions = [] } = await s3.client.send(new ListObjectVersionsCommand({ Bucket, Prefix: Key }));
  const uri = `s3://${Bucket}/${Key}`;
  const contents: string[] = [];
  for (const { VersionId } of Versions.filter((one) => one.Key === Key)) {
    contents.push(Buffer.from(await anyStore.read(uri, VersionId === 'null' ? undefined : VersionId)).toString());
  }
  return contents;
}

const statesOf = ({ files }: RecalledFiles) => Object.fromEntries(files.map(({ path, state }) => [path, state]));
const recall = (own: Dataset, store: ObjectStore = anyStore, signing = key) =>
  recallBatch(store, own, batch, why, signing);

describe('a shard of which a bucket keeps versions', () => {
  it('can be read no more by any version, where the same bytes were written again', async () => {
    const own = configured('s3://lake');
    await released(own);
    await write(own, 'released', 'good.csv', FILES['good.csv']);
    expect(await readable(own, 'good.csv')).toEqual(['sound', 'sound']);
    expect(statesOf(await recall(own))).toEqual({ 'good.csv': 'quarantined', 'sub/fine.csv': 'quarantined' });
    expect(await readable(own, 'good.csv')).toEqual([]);
  });

  it('nor by one that lies below what somebody else has written, which is left', async () => {
    const own = configured('s3://lake');
    await released(own);
    await write(own, 'released', 'good.csv', 'forged');
    await write(own, 'released', 'good.csv', FILES['good.csv']);
    await write(own, 'released', 'good.csv', 'forged again');
    expect(statesOf(await recall(own))).toEqual({ 'good.csv': 'left', 'sub/fine.csv': 'quarantined' });
    expect(await readable(own, 'good.csv')).toEqual(['forged again', 'forged']);
  });

  it('nor by one that lies below a mark that it was removed', async () => {
    const own = configured('s3://lake');
    await released(own);
    await s3.client.send(new DeleteObjectCommand({ Bucket: 'lake', Key: `released/${batch}/good.csv` }));
    expect(await readable(own, 'good.csv')).toEqual(['sound']);
    expect(statesOf(await recall(own))).toEqual({ 'good.csv': 'quarantined', 'sub/fine.csv': 'quarantined' });
    expect(await readable(own, 'good.csv')).toEqual([]);
  });

  it('nor by one from before the bucket kept any', async () => {
    const own = configured('s3://late');
    await released(own);
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await s3.client.send(new PutBucketVersioningCommand({ Bucket: 'late', VersioningConfiguration }));
    await write(own, 'released', 'sub/fine.csv', FILES['sub/fine.csv']);
    expect(statesOf(await recall(own))).toEqual({ 'good.csv': 'quarantined', 'sub/fine.csv': 'quarantined' });
    for (const path of ['good.csv', 'sub/fine.csv']) expect([path, await readable(own, path)]).toEqual([path, []]);
  });

  it('is taken back version after version where they cannot be listed', async () => {
    const own = configured('s3://lake');
    await released(own);
    await write(own, 'released', 'good.csv', FILES['good.csv']);
    const versions: ObjectStore['versions'] = async (root, path) => {
      const found = await anyStore.find(root, path);
      return found === undefined ? [] : [found];
    };
    expect(statesOf(await recall(own, { ...anyStore, versions }))).toMatchObject({ 'good.csv': 'quarantined' });
    expect(await readable(own, 'good.csv')).toEqual([]);
  });
});

describe.each(['lake', 'plain'])('what is released of a shard without some rows, in s3://%s', (bucket) => {
  it('has its digest in its name, released and in quarantine', async () => {
    const own = configured(`s3://${bucket}`);
    await released(own);
    const sha256 = await cleaned(own);
    const about = (await lastVerdict(anyStore, own.released, batch)).statement?.subject;
    const { files } = await recall(own);
    const path = restOf(sha256);
    expect(files).toContainEqual({ path, sha256, uri: `${own.quarantine}/${batch}/${path}`, state: 'quarantined' });
    expect(await anyStore.find(own.released, `${batch}/${path}`)).toBeUndefined();
    expect((await recall(own)).files).toEqual(files);
    // Lists of what was recalled name a batch by what its verdicts are about.
    const { statement } = await lastVerdict(anyStore, own.released, batch);
    expect(statement?.predicate.shards.filter((shard) => shard.released)).toEqual([]);
    expect(statement?.subject).toEqual(about);
  });

  it('is taken back where a review has reopened it before', async () => {
    const own = configured(`s3://${bucket}`);
    await released(own);
    const path = restOf(await cleaned(own));
    await review(own, 'reopen');
    await enforce(anyStore, own, batch, key);
    expect(statesOf(await recall(own))).toMatchObject({ [path]: 'quarantined' });
  });

  it('is told, and left, where a worker was killed before a verdict released it', async () => {
    const own = configured(`s3://${bucket}`);
    await released(own);
    await review(own, 'release-without-rows');
    const create: ObjectStore['create'] = async (root, path, content) => {
      if (path.includes('verdict')) throw new Error('killed');
      return anyStore.create(root, path, content);
    };
    await expect(enforce({ ...anyStore, create }, own, batch, key)).rejects.toThrow('killed');
    const { files } = await recall(own);
    expect(files.find(({ path }) => path.startsWith('bad.csv.clean.'))).toMatchObject({ sha256: null, state: 'left' });
  });
});

describe.each(['lake', 'plain'])(
  'what earlier versions have released of a shard without some rows, in s3://%s',
  (bucket) => {
    it('is kept by the digest that its verdict says', async () => {
      const own = configured(`s3://${bucket}`);
      await released(own);
      const sha256 = await cleanedEarlier(own);
      const { files } = await recall(own);
      const uri = `${own.quarantine}/${batch}/bad.csv.clean.${sha256}.parquet`;
      expect(files).toContainEqual({ path: CLEANED, sha256, uri, state: 'quarantined' });
      expect(sha256Of(await anyStore.read(uri))).toBe(sha256);
      expect(await anyStore.find(own.released, `${batch}/${CLEANED}`)).toBeUndefined();
      expect((await recall(own)).files).toEqual(files);
    });

    it('is not what somebody has written over it: that is left, and told', async () => {
      const own = configured(`s3://${bucket}`);
      await released(own);
      const sha256 = await cleanedEarlier(own);
      await write(own, 'released', CLEANED, 'forged');
      const { files } = await recall(own);
      const uri = `${own.released}/${batch}/${CLEANED}`;
      const told = files.filter(({ path }) => path === CLEANED);
      // Where versions are kept what was released lies below it.
      const moved = { path: CLEANED, sha256, state: 'quarantined' };
      const left = { path: CLEANED, uri, state: 'left', why: expect.stringContaining('released') };
      expect(told).toMatchObject(bucket === 'lake' ? [moved, { ...left, sha256: null }] : [{ ...left, sha256 }]);
      expect(Buffer.from(await anyStore.read(uri)).toString()).toBe('forged');
      const quarantined = (await anyStore.list(`${own.quarantine}/${batch}`)).map(({ path }) => path);
      expect(quarantined.filter((path) => path.includes('.clean.'))).toEqual(
        bucket === 'lake' ? [`bad.csv.clean.${sha256}.parquet`] : [],
      );
    });

    it('is taken back beside something of its name in quarantine', async () => {
      const own = configured(`s3://${bucket}`);
      await released(own);
      const sha256 = await cleanedEarlier(own);
      await write(own, 'quarantine', CLEANED, 'forged');
      const { files } = await recall(own);
      const kept = `bad.csv.clean.${sha256}.parquet`;
      expect(files).toContainEqual(expect.objectContaining({ sha256, uri: `${own.quarantine}/${batch}/${kept}` }));
      expect(statesOf({ files } as RecalledFiles)[CLEANED]).toBe('quarantined');
    });

    it('stays where it is, named, while something else has that very name; the others are taken back', async () => {
      const own = configured(`s3://${bucket}`);
      await released(own);
      const sha256 = await cleanedEarlier(own);
      const kept = `bad.csv.clean.${sha256}.parquet`;
      await write(own, 'quarantine', kept, 'forged');
      const { files } = await recall(own);
      const told = files.find(({ path }) => path === CLEANED);
      expect(told).toMatchObject({ state: 'left', uri: `${own.released}/${batch}/${CLEANED}` });
      expect(told?.why).toContain(kept);
      expect(statesOf({ files } as RecalledFiles)).toMatchObject({ 'good.csv': 'quarantined' });
      expect(sha256Of(await anyStore.read(told?.uri as string))).toBe(sha256);
    });
  },
);

describe('what was released of a shard without some rows, where a sender has called another shard so', () => {
  const more = { [CLEANED]: 'of the sender' };

  it.each(['lake', 'plain'])('is taken back from s3://%s beside that, which is held', async (bucket) => {
    const own = configured(`s3://${bucket}`);
    await released(own, more, ['bad.csv', CLEANED]);
    const sha256 = await cleanedEarlier(own);
    const { files } = await recall(own);
    expect(files.filter(({ path }) => path === CLEANED)).toMatchObject([{ sha256, state: 'quarantined' }]);
    expect(await anyStore.find(own.released, `${batch}/${CLEANED}`)).toBeUndefined();
    expect((await recall(own)).files).toEqual(files);
  });

  it('is taken back where shards stay in place, and that is tagged', async () => {
    const own = configured('s3://lake', { placement: 'in-place' });
    await released(own, more);
    const sha256 = await cleanedEarlier(own);
    const { files } = await recall(own);
    const told = files.filter(({ path }) => path === CLEANED);
    expect(told.map((file) => [file.sha256, file.state]).sort()).toEqual(
      [
        [sha256, 'quarantined'],
        [sha256Of(more[CLEANED] as string), 'tagged'],
      ].sort(),
    );
    expect(await anyStore.find(own.released, `${batch}/${CLEANED}`)).toBeUndefined();
  });

  it('is told once where that was released', async () => {
    const own = configured('s3://lake');
    await released(own, more);
    const { files } = await recall(own);
    expect(files.filter(({ path }) => path === CLEANED)).toMatchObject([{ state: 'quarantined' }]);
    expect(files.every(({ state }) => state === 'quarantined')).toBe(true);
  });
});

describe('which verdicts say what was released', () => {
  const forged = Buffer.from('forged');
  const name = 'good.csv.clean.parquet';
  const shards = [{ name, digest: { sha256: sha256Of(forged) }, released: true }];

  it.each([
    ['counts where the dataset signs none', {}, 'quarantined'],
    ['counts for nothing where it signs', { sign: 'scanner.pem' }, 'left'],
  ])('one without a signature %s', async (_, more, state) => {
    writeFileSync(at('scanner.pem'), privatePem(key));
    const own = configured('s3://lake', more);
    await released(own);
    const content = Buffer.from(`${JSON.stringify(statementOn(shards))}\n`);
    await anyStore.create(own.released, `${batch}/_verdict-2.json`, content);
    await anyStore.create(own.released, `${batch}/${name}`, forged);
    expect(statesOf(await recall(own))[name]).toBe(state);
  });

  it.each([
    ['is a verifier', {}, 'quarantined'],
    ['is revoked', { revoked: true }, 'left'],
    ['speaks of other datasets', { datasets: ['other'] }, 'left'],
  ])('those of another key, where the trust policy says that it %s', async (_, verifier, state) => {
    writeFileSync(at('scanner.pem'), privatePem(key));
    const verifiers = [{ name: 'worker', key: publicPem(publicKey), datasets: ['*'], ...verifier }];
    writeFileSync(at('trust.json'), JSON.stringify({ version: 1, verifiers }));
    const own = configured('s3://lake', { trust: 'trust.json', sign: 'scanner.pem' });
    await released(own);
    const path = restOf(await cleaned(own));
    expect(statesOf(await recall(own, anyStore, keyPair().own))[path]).toBe(state);
  });
});

describe('recalls at once', () => {
  const left = async (own: Dataset) =>
    (await anyStore.list(`${own.released}/${batch}`)).map(({ path }) => path).filter((path) => path !== 'verdict.json');

  async function expectEnd(own: Dataset): Promise<void> {
    expect(await left(own)).toEqual([]);
    expect((await readRecords(anyStore, own.vault, batch)).at(-1)).toMatchObject({ kind: 'settled', changed: [] });
  }

  it('both end right, at whatever moment one overtakes the other', async () => {
    const own = configured(at('files'));
    let calls = 0;
    for (let moment = 1; moment <= calls || calls === 0; moment += 5) {
      batch = `batch-${++batches}`;
      await released(own);
      const sha256 = await cleaned(own);
      calls = 0;
      const overtaken = async () => {
        if (++calls === moment) await recall(own);
      };
      const watched: ObjectStore = {
        ...anyStore,
        find: async (...job) => overtaken().then(() => anyStore.find(...job)),
        create: async (...job) => overtaken().then(() => anyStore.create(...job)),
        copy: async (...job) => overtaken().then(() => anyStore.copy(...job)),
        versions: async (...job) => overtaken().then(() => anyStore.versions(...job)),
        remove: async (...job) => overtaken().then(() => anyStore.remove(...job)),
        stream: async function* (...job) {
          await overtaken();
          yield* anyStore.stream(...job);
        },
      };
      const states = { [restOf(sha256)]: 'quarantined', 'good.csv': 'quarantined', 'sub/fine.csv': 'quarantined' };
      expect([moment, statesOf(await recall(own, watched))]).toEqual([moment, { 'bad.csv': 'quarantined', ...states }]);
      await expectEnd(own);
      const kept = (await anyStore.list(`${own.quarantine}/${batch}`)).map(({ path }) => path);
      expect(kept).toEqual([restOf(sha256), ...Object.keys(FILES)].sort());
      const records = await readRecords(anyStore, own.vault, batch);
      expect(records.filter(({ kind }) => kind === 'recalled')).toHaveLength(1);
    }
  });

  it.each(['lake', 'plain'])('all end right when they race for a batch in s3://%s', async (bucket) => {
    const own = configured(`s3://${bucket}`);
    for (let round = 0; round < 2; round++) {
      batch = `batch-${++batches}`;
      await released(own);
      await cleaned(own);
      // Each with connections of its own, as two processes have them.
      const stores = await Promise.all([openS3Store(), openS3Store(), openS3Store()]);
      const [first, ...others] = await Promise.all(stores.map((store) => recall(own, store)));
      expect(first?.files.map(({ state }) => state)).toEqual(Array(4).fill('quarantined'));
      for (const { files } of others) expect(files).toEqual(first?.files);
      await expectEnd(own);
    }
  });
});
