import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RunningS3, S3_START_MS, startS3 } from '../../servers/s3.js';
import type { ObjectStore } from '../../src/store/index.js';
import { anyStore, mapAtOnce, stateOf } from '../../src/store/index.js';
import { removeBelow } from '../../src/store/s3/remove.js';
import { openS3Store } from '../../src/store/s3/s3-store.js';
import { type Fault, startProxy } from '../servers/proxy.js';

let s3: RunningS3;
let store: ObjectStore;
let buckets = 0;

beforeAll(async () => {
  s3 = await startS3();
  store = await openAs(s3.variables);
}, S3_START_MS);
afterAll(() => s3?.stop());
afterEach(() => {
  vi.unstubAllEnvs();
});

function openAs(
  variables: Readonly<Record<string, string>>,
  limits?: Parameters<typeof openS3Store>[0],
): Promise<ObjectStore> {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  return openS3Store(limits);
}

async function newBucket(isVersioned = true): Promise<string> {
  const name = `bucket-${++buckets}`;
  await s3.createBucket(name, isVersioned);
  return name;
}

async function put(bucket: string, key: string, content: string | Uint8Array = 'x', more: object = {}) {
  const ContentLength = Buffer.from(content).length;
  await s3.client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: content, ContentLength, ...more }));
}

const text = async (uri: string, version?: string) => Buffer.from(await store.read(uri, version)).toString();
const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
const paths = async (root: string) => (await store.list(root)).map(({ path }) => path);

const ODD_KEYS = [
  ' lead',
  'a b+c%2B%.csv',
  'a?b#c.csv',
  'back\\slash.csv',
  'deep/er/é.csv',
  'deep/e\u0301.csv',
  'emoji 😀/日本.csv',
  `q'"<&>.csv`,
  'tail ',
  '~!@$^*()=[]{};:,|`',
];

describe('listing', () => {
  it('finds objects at every depth under keys of any kind, in code-unit order, and reads them again', async () => {
    const bucket = await newBucket();
    for (const key of ODD_KEYS) await put(bucket, `in/${key}`, key);
    const found = await store.list(`s3://${bucket}/in`);
    expect(found.map(({ path }) => path)).toEqual([...ODD_KEYS].sort());
    for (const { path, uri, bytes, version } of found) {
      expect(uri).toBe(`s3://${bucket}/in/${path}`);
      expect(bytes).toBe(Buffer.from(path).length);
      expect(await text(uri, version)).toBe(path);
      expect(await text(uri)).toBe(path);
    }
  });

  it('finds what is there now and once, beyond one page of versions', async () => {
    const bucket = await newBucket();
    const names = Array.from({ length: 600 }, (_, index) => `in/${index}.csv`);
    for (let from = 0; from < names.length; from += 50) {
      await Promise.all(names.slice(from, from + 50).map((name) => put(bucket, name, 'old')));
      await Promise.all(names.slice(from, from + 50).map((name) => put(bucket, name, 'new!')));
    }
    // The first of all, so that a page ends with a version that counts.
    await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'in/0.csv' }));
    const found = await store.list(`s3://${bucket}/in/`);
    expect(found).toHaveLength(599);
    expect(new Set(found.map(({ bytes }) => bytes))).toEqual(new Set([4]));
    expect(new Set(found.map(({ version }) => version)).size).toBe(599);
  });

  it('goes on after a name, there or not, with so many as are asked for, read by what it tells', async () => {
    for (const bucket of [await newBucket(), await newBucket(false)]) {
      const keys = ['b.csv', 'a/z.csv', 'a/_x', '.b', 'a/deep/er.csv', 'a.csv', 'c.csv'];
      for (const key of keys) await put(bucket, `in/${key}`, key);
      await put(bucket, 'in-2/d.csv');
      const following = (path: string, most: number) => store.listAfter(`s3://${bucket}/in`, path, most);
      const followingPaths = async (path: string, most: number) =>
        (await following(path, most)).map((object) => object.path);
      expect(await followingPaths('', 2)).toEqual(['a.csv', 'a/deep/er.csv']);
      expect(await followingPaths('a.csv', 9)).toEqual(['a/deep/er.csv', 'a/z.csv', 'b.csv', 'c.csv']);
      expect(await followingPaths('a/A', 1)).toEqual(['a/deep/er.csv']);
      expect(await followingPaths('b', 1)).toEqual(['b.csv']);
      expect(await followingPaths('c.csv', 1)).toEqual([]);
      expect(await store.listAfter(`s3://${bucket}/none`, '', 1)).toEqual([]);
      const [found] = await following('b.csv', 1);
      expect(await text(found?.uri ?? '', found?.version)).toBe('c.csv');
    }
    await expect(store.listAfter('s3://no-such-bucket/in', '', 1)).rejects.toMatchObject({ code: 'PATH_MISSING' });
  });

  it('leaves out hidden objects, markers and folders of that kind, but neighbours of the prefix too', async () => {
    const bucket = await newBucket();
    const keys = ['in/.crc', 'in/_SUCCESS', 'in/_temporary/a.csv', 'in/x/.git/a.csv', 'in/kept.csv', 'in-2/b.csv'];
    for (const key of keys) await put(bucket, key);
    await put(bucket, 'in/folder/', '');
    expect(await paths(`s3://${bucket}/in`)).toEqual(['kept.csv']);
    expect(await paths(`s3://${bucket}`)).toEqual(['in-2/b.csv', 'in/kept.csv']);
  });

  it('lists a single object under its own name, even a hidden one', async () => {
    const bucket = await newBucket();
    await put(bucket, 'in/_odd.csv');
    expect(await paths(`s3://${bucket}/in/_odd.csv`)).toEqual(['_odd.csv']);
  });

  it('refuses a root that is an object and has others below it, unless a slash says which is meant', async () => {
    const bucket = await newBucket();
    await put(bucket, 'in/a.csv');
    // This server keeps objects as files, which are no folders too: others have both.
    const proxy = await startProxy(s3.port, ({ method }) => (method === 'HEAD' ? { status: 200 } : undefined));
    try {
      const both = await openAs({ ...s3.variables, AWS_ENDPOINT_URL: proxy.url });
      await expect(both.list(`s3://${bucket}/in`)).rejects.toMatchObject({
        code: 'PATH_AMBIGUOUS',
        remedy: expect.stringContaining(`s3://${bucket}/in/`),
      });
      expect(await both.list(`s3://${bucket}/in/`)).toHaveLength(1);
    } finally {
      await proxy.stop();
    }
  });

  it('tells what is missing from what may not be read where a server denies both, as AWS does', async () => {
    const bucket = await newBucket();
    await put(bucket, 'in/verdict.json');
    const proxy = await startProxy(s3.port, ({ method }) => (method === 'HEAD' ? { status: 403 } : undefined));
    try {
      const bound = await openAs({ ...s3.variables, AWS_ENDPOINT_URL: proxy.url });
      expect(await bound.find(`s3://${bucket}/in`, '_verdict-2.json')).toBeUndefined();
      expect(await bound.find(`s3://${bucket}/in`, 'verdict')).toBeUndefined();
      expect((await bound.list(`s3://${bucket}/in`)).map(({ path }) => path)).toEqual(['verdict.json']);
      await expect(bound.find(`s3://${bucket}/in`, 'verdict.json')).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    } finally {
      await proxy.stop();
    }
    const closed = await startProxy(s3.port, () => ({ status: 403 }));
    try {
      const shut = await openAs({ ...s3.variables, AWS_ENDPOINT_URL: closed.url });
      await expect(shut.find(`s3://${bucket}/in`, '_verdict-2.json')).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    } finally {
      await closed.stop();
    }
  });

  it('says which bucket or prefix is missing; an empty bucket is none', async () => {
    const bucket = await newBucket();
    expect(await store.list(`s3://${bucket}`)).toEqual([]);
    for (const missing of [`s3://${bucket}/nope`, `s3://${bucket}/nope/`, 's3://no-such-bucket']) {
      await expect(store.list(missing)).rejects.toMatchObject({
        name: 'BadInput',
        code: 'PATH_MISSING',
        message: expect.stringContaining(missing),
      });
    }
    await expect(store.list('s3:///in')).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('goes by ETags for who may not list versions, and where a bucket keeps none', async () => {
    const bucket = await newBucket();
    await put(bucket, 'in/a.csv', 'a');
    const user = await s3.addUser('no-versions');
    const Statement = [
      {
        Effect: 'Allow',
        Principal: { AWS: ['no-versions'] },
        Action: ['s3:ListBucket', 's3:GetObject'],
        Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
      },
    ];
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
    await s3.client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
    const [found] = await (await openAs(user)).list(`s3://${bucket}/in`);
    expect(found?.version).toMatch(/^"[0-9a-f]{32}"$/);

    const plain = await newBucket(false);
    await put(plain, 'in/a.csv', 'a');
    expect((await store.list(`s3://${plain}/in`))[0]?.version).toBe(found?.version);
  });

  it('names the first parts below a root', async () => {
    const bucket = await newBucket();
    for (const key of ['in/b/1', 'in/B/1', 'in/a b/x/1', 'in/_tmp/1', 'in/.x/1', 'in/loose.csv'])
      await put(bucket, key);
    expect(await store.folders(`s3://${bucket}/in`)).toEqual(['B', 'a b', 'b']);
    expect(await store.folders(`s3://${bucket}/nothing`)).toEqual([]);
    const states: string[] = [];
    for await (const { name, state } of store.folderStates(`s3://${bucket}/in`)) {
      expect(state).toBe(stateOf(await store.list(`s3://${bucket}/in/${name}`)));
      states.push(name);
    }
    expect(states.sort()).toEqual(['B', 'a b', 'b']);
    await expect(store.folderStates('s3://no-such-bucket/in')[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'PATH_MISSING',
    });
    await expect(store.folders('s3://no-such-bucket/in')).rejects.toMatchObject({ code: 'PATH_MISSING' });
  });

  it('finds one object by its path, markers too', async () => {
    const bucket = await newBucket();
    await put(bucket, 'in/_SUCCESS', '');
    const found = await store.find(`s3://${bucket}/in/`, '_SUCCESS');
    expect(found).toMatchObject({ path: '_SUCCESS', uri: `s3://${bucket}/in/_SUCCESS`, bytes: 0 });
    expect(found?.version).toBeDefined();
    expect(await store.find(`s3://${bucket}/in`, '_STARTED')).toBeUndefined();
  });
});

describe('versions', () => {
  it.each([true, false])(
    'are what is read; where one is gone that is said (bucket keeps versions: %s)',
    async (keeps) => {
      const bucket = await newBucket(keeps);
      await put(bucket, 'a.csv', 'first');
      const [first] = await store.list(`s3://${bucket}`);
      await put(bucket, 'a.csv', 'second');
      const reading = text(first!.uri, first!.version);
      if (keeps) expect(await reading).toBe('first');
      else
        await expect(reading).rejects.toMatchObject({
          code: 'READ_FAILED',
          message: expect.stringContaining('changed'),
        });
      expect(await text(first!.uri)).toBe('second');
      await store.remove(first!.uri, (await store.list(`s3://${bucket}`))[0]?.version);
      if (keeps) await store.remove(first!.uri, first!.version);
      await expect(text(first!.uri, first!.version)).rejects.toMatchObject({
        name: 'Transient',
        code: 'READ_FAILED',
        message: expect.stringMatching(/a\.csv.*there no more/),
      });
    },
  );

  it('of an object that was replaced are not removed in its stead', async () => {
    const bucket = await newBucket(false);
    await put(bucket, 'a.csv', 'first');
    const [first] = await store.list(`s3://${bucket}`);
    await put(bucket, 'a.csv', 'second');
    await expect(store.remove(first!.uri, first!.version)).rejects.toMatchObject({ code: 'WRITE_FAILED' });
    expect(await text(first!.uri)).toBe('second');
    await store.remove(first!.uri);
    await store.remove(first!.uri);
    expect(await store.list(`s3://${bucket}`)).toEqual([]);
  });
});

it.each([true, false])('clears a folder for good, and no neighbour (bucket keeps versions: %s)', async (keeps) => {
  const bucket = await newBucket(keeps);
  for (const key of ['in/one/a', 'in/one/deep/_b', 'in/one~2/c', 'in/on']) await put(bucket, key, 'text');
  const [first] = await store.list(`s3://${bucket}/in/one`);
  await store.clear(`s3://${bucket}/in/one`);
  await store.clear(`s3://${bucket}/in/one`);
  expect((await store.list(`s3://${bucket}`)).map(({ path }) => path)).toEqual(['in/on', 'in/one~2/c']);
  await expect(text(first!.uri, first!.version)).rejects.toMatchObject({ code: 'READ_FAILED' });
});

it.each([400, 501])('clears a folder one by one where a server answers %s to being asked at once', async (status) => {
  const bucket = await newBucket();
  for (const key of ['in/one/a', 'in/one/b', 'in/two']) await put(bucket, key, 'text');
  const proxy = await startProxy(s3.port, ({ method }) => (method === 'POST' ? { status } : undefined));
  try {
    const old = await openAs({ ...s3.variables, AWS_ENDPOINT_URL: proxy.url });
    await old.clear(`s3://${bucket}/in/one`);
  } finally {
    await proxy.stop();
  }
  expect(await paths(`s3://${bucket}`)).toEqual(['in/two']);
});

describe('a folder of which one object fails in a request for many', () => {
  const denied = Object.assign(new Error('denied'), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });

  /** Lists two a page, and says of `a` in a request for many what the code is. */
  function failing(Code: string, asked: string[], isStubborn: boolean): S3Client {
    const send = async (command: unknown) => {
      if (command instanceof ListObjectVersionsCommand) command.input.MaxKeys = 2;
      if (command instanceof DeleteObjectCommand) {
        asked.push(command.input.Key ?? '');
        if (isStubborn) throw denied;
      }
      if (!(command instanceof DeleteObjectsCommand)) return s3.client.send(command as HeadObjectCommand);
      const { Bucket, Delete } = command.input;
      const isFailing = ({ Key }: { Key?: string | undefined }) => Key === 'in/one/a';
      const Objects = (Delete?.Objects ?? []).filter((one) => !isFailing(one));
      const answer = await s3.client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
      const Errors = (Delete?.Objects ?? []).filter(isFailing).map(({ Key }) => ({ Key, Code }));
      return { ...answer, Errors };
    };
    return { send } as unknown as S3Client;
  }

  async function five(): Promise<string> {
    const bucket = await newBucket();
    for (const key of ['a', 'b', 'c', 'd', 'e']) await put(bucket, `in/one/${key}`, 'text');
    return bucket;
  }

  it.each(['InternalError', 'SlowDown'])('is cleared all the same, that one by itself after %s', async (code) => {
    const [bucket, asked] = [await five(), [] as string[]];
    await removeBelow(failing(code, asked, false), `s3://${bucket}/in/one`);
    expect([await paths(`s3://${bucket}`), asked]).toEqual([[], ['in/one/a']]);
  });

  it.each([
    ['SlowDown', ['in/one/a']],
    ['AccessDenied', []],
  ])('is cleared of all others where it cannot be removed, and says so: %s', async (code, tried) => {
    const [bucket, asked] = [await five(), [] as string[]];
    const cleared = removeBelow(failing(code, asked, true), `s3://${bucket}/in/one`);
    await expect(cleared).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    expect([await paths(`s3://${bucket}`), asked]).toEqual([['in/one/a'], tried]);
  });
});

it('removes a version once, whatever has taken its place', async () => {
  const bucket = await newBucket();
  await put(bucket, 'in/a.csv', 'old');
  const [first] = await store.list(`s3://${bucket}/in`);
  await put(bucket, 'in/a.csv', 'new');
  await store.remove(first!.uri, first!.version);
  await store.remove(first!.uri, first!.version);
  expect(await text(first!.uri)).toBe('new');
});

describe('versions of one object', () => {
  const contents = async (root: string, path: string) =>
    Promise.all((await store.versions(root, path)).map(async ({ uri, version }) => text(uri, version)));

  it('are all told, below others and a mark that it was removed, and none of its neighbours', async () => {
    const bucket = await newBucket();
    for (const content of ['first', 'second']) await put(bucket, 'in/a.csv', content);
    await put(bucket, 'in/a.csv.clean.parquet', 'neighbour');
    await store.remove(`s3://${bucket}/in/a.csv`);
    expect(await store.find(`s3://${bucket}/in`, 'a.csv')).toBeUndefined();
    expect(await contents(`s3://${bucket}/in`, 'a.csv')).toEqual(['second', 'first']);
    expect(await store.versions(`s3://${bucket}/in`, 'b.csv')).toEqual([]);
  });

  it('are told beyond one page of them, each once', async () => {
    const bucket = await newBucket();
    await mapAtOnce(Array.from({ length: 1010 }), (_, number) => put(bucket, 'a.csv', `${number}`));
    const versions = await store.versions(`s3://${bucket}`, 'a.csv');
    expect(new Set(versions.map(({ version }) => version)).size).toBe(versions.length);
    expect(versions).toHaveLength(1010);
  });

  it('are the one that is there where a bucket keeps none; that they may not be listed is told', async () => {
    const plain = await newBucket(false);
    for (const content of ['first', 'second']) await put(plain, 'a.csv', content);
    expect(await contents(`s3://${plain}`, 'a.csv')).toEqual(['second']);
    const bucket = await newBucket();
    for (const content of ['first', 'second']) await put(bucket, 'a.csv', content);
    const user = await s3.addUser('no-list');
    const Statement = ['s3:ListBucket', 's3:GetObject'].map((Action) => ({
      ...{ Effect: 'Allow', Principal: { AWS: ['no-list'] }, Action },
      Resource: Action === 's3:ListBucket' ? `arn:aws:s3:::${bucket}` : `arn:aws:s3:::${bucket}/*`,
    }));
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
    await s3.client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
    const denied = (await openAs(user)).versions(`s3://${bucket}`, 'a.csv');
    await expect(denied).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });

  it('are the one that is there where the server does not know how to list them', async () => {
    const bucket = await newBucket();
    await put(bucket, 'a.csv', 'first');
    const isListing = (path: string) => /[?&]versions(=|&|$)/.test(path);
    const proxy = await startProxy(s3.port, ({ url }) => (isListing(url ?? '') ? { status: 501 } : undefined));
    try {
      const bound = await openAs({ ...s3.variables, AWS_ENDPOINT_URL: proxy.url });
      const told = await bound.versions(`s3://${bucket}`, 'a.csv');
      expect(await Promise.all(told.map(({ uri }) => text(uri)))).toEqual(['first']);
    } finally {
      await proxy.stop();
    }
  });
});

describe('tags', () => {
  const tagsOf = async (bucket: string, VersionId?: string, Key = 'a') => {
    const { TagSet = [] } = await s3.client.send(new GetObjectTaggingCommand({ Bucket: bucket, Key, VersionId }));
    return Object.fromEntries(TagSet.map(({ Key, Value }) => [Key, Value]));
  };

  it('are those of a copy from its first moment on, and none of the original', async () => {
    const bucket = await newBucket();
    await put(bucket, 'in/a', 'judged');
    const [from] = await store.list(`s3://${bucket}/in/`);
    await store.tag(from!.uri, from!.version, { 'taster-verdict': 'released', sender: 'mallory' });
    const root = `s3://${bucket}/quarantine`;
    await store.copy(from!, root, 'tagged', sha256('judged'), { 'taster-verdict': 'not sound' });
    await store.copy(from!, root, 'plain', sha256('judged'));
    expect(await tagsOf(bucket, undefined, 'quarantine/tagged')).toEqual({ 'taster-verdict': 'not sound' });
    expect(await tagsOf(bucket, undefined, 'quarantine/plain')).toEqual({});
  });

  it('are added to the very version', async () => {
    const bucket = await newBucket();
    await put(bucket, 'a', 'first', { Tagging: 'sender=x' });
    const [first] = await store.list(`s3://${bucket}`);
    await put(bucket, 'a', 'second');
    await store.tag(first!.uri, first!.version, { 'taster-verdict': 'quarantine', batch: 'monday' });
    await store.tag(first!.uri, first!.version, { 'taster-verdict': 'release' });
    expect(await tagsOf(bucket, first!.version)).toEqual({
      sender: 'x',
      batch: 'monday',
      'taster-verdict': 'release',
    });
    await store.tag(first!.uri, first!.version, { batch: null });
    expect(await store.tags(first!.uri, first!.version)).toEqual({ sender: 'x', 'taster-verdict': 'release' });
    expect(await store.tags(first!.uri, undefined)).toEqual({});
    expect(await tagsOf(bucket)).toEqual({});
  });

  it('are not added to what has taken the place of an object', async () => {
    const bucket = await newBucket(false);
    await put(bucket, 'a', 'first');
    const [first] = await store.list(`s3://${bucket}`);
    await store.tag(first!.uri, first!.version, { verdict: 'release' });
    expect(await tagsOf(bucket)).toEqual({ verdict: 'release' });
    await put(bucket, 'a', 'second');
    await expect(store.tag(first!.uri, first!.version, { verdict: 'release' })).rejects.toMatchObject({
      code: 'WRITE_FAILED',
      message: expect.stringContaining('changed'),
    });
    expect(await tagsOf(bucket)).toEqual({});
  });
});

describe('creating', () => {
  it('happens once, whoever comes first', async () => {
    const bucket = await newBucket();
    const racers = Array.from({ length: 12 }, (_, index) => `${index}`);
    const won = await Promise.all(
      racers.map((racer) => store.create(`s3://${bucket}/vault`, 'a b/seal.json', Buffer.from(racer))),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await text(`s3://${bucket}/vault/a b/seal.json`)).toBe(`${won.indexOf(true)}`);
  });

  it('says that there is no such bucket', async () => {
    await expect(store.create('s3://no-such-bucket/x', 'a', Buffer.from('x'))).rejects.toMatchObject({
      code: 'PATH_MISSING',
      message: expect.stringContaining('s3://no-such-bucket'),
    });
  });
});

describe('copying', () => {
  const content = randomBytes(11 * 2 ** 20);

  it.each([true, false])('takes the very version, byte by byte (bucket keeps versions: %s)', async (keeps) => {
    const bucket = await newBucket(keeps);
    await put(bucket, 'in/a +%é.csv', 'judged', { ContentType: 'text/csv', Metadata: { sender: 'x' } });
    const [from] = await store.list(`s3://${bucket}/in`);
    if (keeps) await put(bucket, 'in/a +%é.csv', 'changed');
    expect(await store.copy(from!, `s3://${bucket}/released`, 'b/a +%é.csv', sha256('judged'))).toBe(true);
    expect(await text(`s3://${bucket}/released/b/a +%é.csv`)).toBe('judged');
    const head = await s3.client.send(new HeadObjectCommand({ Bucket: bucket, Key: 'released/b/a +%é.csv' }));
    expect(head).toMatchObject({ ContentType: 'text/csv', Metadata: { sender: 'x' } });
  });

  it('takes what was itself copied, and tells when that is not what was judged', async () => {
    const bucket = await newBucket();
    await put(bucket, 'in/a', 'judged');
    const [from] = await store.list(`s3://${bucket}/in`);
    await store.copy(from!, `s3://${bucket}/quarantine`, 'a', sha256('judged'));
    const held = (await store.find(`s3://${bucket}/quarantine`, 'a'))!;
    const others = store.copy(held, `s3://${bucket}/released`, 'a', sha256('others'));
    await expect(others).rejects.toMatchObject({ code: 'COPY_CHANGED' });
    expect(await store.find(`s3://${bucket}/released`, 'a')).toBeUndefined();
    expect(await store.copy(held, `s3://${bucket}/released`, 'a', sha256('judged'))).toBe(true);
    expect(await text(`s3://${bucket}/released/a`)).toBe('judged');
  });

  it('never replaces anything, whoever comes first', async () => {
    const bucket = await newBucket();
    const names = Array.from({ length: 8 }, (_, index) => `${index}`);
    for (const name of names) await put(bucket, `in/${name}`, name);
    const from = await store.list(`s3://${bucket}/in`);
    const won = await Promise.all(from.map((one) => store.copy(one, `s3://${bucket}/out`, 'only', sha256(one.path))));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await text(`s3://${bucket}/out/only`)).toBe(`${won.indexOf(true)}`);
    expect(await store.copy(from[0]!, `s3://${bucket}/out`, 'only', sha256('0'))).toBe(false);
    const { Uploads = [] } = await s3.client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    expect(Uploads).toEqual([]);
  });

  it('copies large objects in parts', async () => {
    const bucket = await newBucket();
    await put(bucket, 'large', content);
    const [from] = await store.list(`s3://${bucket}`);
    const inParts = await openAs(s3.variables, { partBytes: 5 * 2 ** 20 });
    expect(await inParts.copy(from!, `s3://${bucket}`, 'copy', sha256(content))).toBe(true);
    expect(Buffer.compare(Buffer.from(await store.read(`s3://${bucket}/copy`)), content)).toBe(0);
    const head = await s3.client.send(new HeadObjectCommand({ Bucket: bucket, Key: 'copy' }));
    expect(head.ETag).toMatch(/-3"$/);
  });

  it('copies empty objects', async () => {
    const bucket = await newBucket();
    await put(bucket, 'empty', '');
    const [from] = await store.list(`s3://${bucket}`);
    expect(await store.copy(from!, `s3://${bucket}`, 'copy', sha256(''))).toBe(true);
    expect(await store.find(`s3://${bucket}`, 'copy')).toMatchObject({ bytes: 0 });
    await expect(store.copy(from!, `s3://${bucket}`, 'other', sha256('x'))).rejects.toMatchObject({
      code: 'COPY_CHANGED',
    });
  });

  it.each([undefined, 5 * 2 ** 20])(
    'leaves nothing behind that has another digest (parts of %s bytes)',
    async (partBytes) => {
      const bucket = await newBucket();
      await put(bucket, 'in/large', content);
      const [from] = await store.list(`s3://${bucket}/in`);
      const copier = await openAs(s3.variables, partBytes === undefined ? {} : { partBytes });
      await expect(copier.copy(from!, `s3://${bucket}/out`, 'copy', sha256('x'))).rejects.toMatchObject({
        name: 'Transient',
        code: 'COPY_CHANGED',
        message: expect.stringContaining(sha256(content)),
      });
      expect(await store.find(`s3://${bucket}/out`, 'copy')).toBeUndefined();
    },
  );

  it('says that the source was replaced just before it was copied', async () => {
    const bucket = await newBucket(false);
    await put(bucket, 'in/a', 'judged');
    const [from] = await store.list(`s3://${bucket}/in`);
    const proxy = await startProxy(s3.port, async ({ url = '' }) => {
      if (url.includes('partNumber=')) await put(bucket, 'in/a', 'replaced');
      return undefined;
    });
    try {
      const copier = await openAs({ ...s3.variables, AWS_ENDPOINT_URL: proxy.url });
      await expect(copier.copy(from!, `s3://${bucket}/out`, 'a', sha256('judged'))).rejects.toMatchObject({
        code: 'READ_FAILED',
        message: expect.stringMatching(/in\/a: .*changed/),
      });
      expect(await store.find(`s3://${bucket}/out`, 'a')).toBeUndefined();
    } finally {
      await proxy.stop();
    }
  });

  it('says that the source is gone', async () => {
    const bucket = await newBucket();
    await put(bucket, 'in/a');
    const [from] = await store.list(`s3://${bucket}/in`);
    await store.remove(from!.uri, from!.version);
    await expect(store.copy(from!, `s3://${bucket}/out`, 'a', sha256('x'))).rejects.toMatchObject({
      code: 'READ_FAILED',
      message: expect.stringContaining('there no more'),
    });
  });

  it('goes from files to S3 and back', async () => {
    const bucket = await newBucket();
    const folder = await mkdtemp(join(tmpdir(), 'taster-s3-'));
    for (const [name, value] of Object.entries(s3.variables)) vi.stubEnv(name, value);
    try {
      await writeFile(join(folder, 'a.csv'), 'rows');
      const [file] = await anyStore.list(folder);
      expect(await anyStore.copy(file!, `s3://${bucket}/in`, 'a.csv', sha256('rows'))).toBe(true);
      const [object] = await anyStore.list(`s3://${bucket}/in`);
      await expect(anyStore.copy(object!, folder, 'b.csv', sha256('others'))).rejects.toMatchObject({
        code: 'COPY_CHANGED',
      });
      expect(await anyStore.copy(object!, folder, 'b.csv', sha256('rows'))).toBe(true);
      expect(await anyStore.find(folder, 'b.csv')).toMatchObject({ bytes: 4 });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('writing what comes in pieces', () => {
  const partBytes = 5 * 2 ** 20;
  const whole = randomBytes(11 * 2 ** 20);
  const inPieces = (content: Uint8Array, pieceBytes = 1_000_003) =>
    async function* () {
      for (let from = 0; from < content.length; from += pieceBytes) yield content.subarray(from, from + pieceBytes);
    };
  const writer = () => openAs(s3.variables, { uploadBytes: partBytes });
  const uploadsOf = async (Bucket: string) =>
    (await s3.client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? [];

  it.each([
    { bytes: 0, parts: 1 },
    { bytes: 9, parts: 1 },
    { bytes: partBytes, parts: 1 },
    { bytes: partBytes + 1, parts: 2 },
    { bytes: whole.length, parts: 3 },
  ])('makes an object of $bytes bytes in $parts steps', async ({ bytes, parts }) => {
    const bucket = await newBucket();
    const content = whole.subarray(0, bytes);
    const tags = { 'taster-verdict': 'released' };
    expect(await (await writer()).createFrom(`s3://${bucket}/in`, 'a', inPieces(content), sha256(content), tags)).toBe(
      true,
    );
    expect(Buffer.compare(Buffer.from(await store.read(`s3://${bucket}/in/a`)), content)).toBe(0);
    const head = await s3.client.send(new HeadObjectCommand({ Bucket: bucket, Key: 'in/a' }));
    expect(head.ETag).toMatch(parts === 1 ? /^"[^-]+"$/ : new RegExp(`-${parts}"$`));
    expect(await store.tags(`s3://${bucket}/in/a`, undefined)).toEqual(tags);
  });

  it('reads each of its bytes once', async () => {
    const bucket = await newBucket();
    let bytes = 0;
    const counted = async function* () {
      for await (const piece of inPieces(whole)()) {
        bytes += piece.length;
        yield piece;
      }
    };
    await (await writer()).createFrom(`s3://${bucket}`, 'a', counted, sha256(whole));
    expect(bytes).toBe(whole.length);
  });

  it.each([9, whole.length])('replaces nothing (%i bytes)', async (bytes) => {
    const bucket = await newBucket();
    const content = whole.subarray(0, bytes);
    await put(bucket, 'a', 'first');
    expect(await (await writer()).createFrom(`s3://${bucket}`, 'a', inPieces(content), sha256(content))).toBe(false);
    expect(await text(`s3://${bucket}/a`)).toBe('first');
    expect(await uploadsOf(bucket)).toEqual([]);
  });

  it.each([9, whole.length])('leaves nothing of what has another digest (%i bytes)', async (bytes) => {
    const bucket = await newBucket();
    const written = (await writer()).createFrom(`s3://${bucket}`, 'a', inPieces(whole.subarray(0, bytes)), sha256('x'));
    await expect(written).rejects.toMatchObject({ code: 'COPY_CHANGED' });
    expect(await store.find(`s3://${bucket}`, 'a')).toBeUndefined();
    expect(await uploadsOf(bucket)).toEqual([]);
  });

  it('leaves nothing of what breaks off', async () => {
    const bucket = await newBucket();
    const broken = async function* () {
      yield* inPieces(whole)();
      throw new Error('it broke off');
    };
    const written = (await writer()).createFrom(`s3://${bucket}`, 'a', broken, sha256(whole));
    await expect(written).rejects.toThrow('it broke off');
    expect(await store.find(`s3://${bucket}`, 'a')).toBeUndefined();
    expect(await uploadsOf(bucket)).toEqual([]);
  });
});

describe('failures', () => {
  it('are told apart: no credentials, wrong ones, no permission', async () => {
    const bucket = await newBucket();
    await put(bucket, 'a');
    const uri = `s3://${bucket}/a`;
    const none = await openAs({ ...s3.variables, AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' });
    await expect(none.read(uri)).rejects.toMatchObject({
      name: 'Transient',
      code: 'CREDENTIALS_MISSING',
      remedy: expect.stringContaining('AWS_PROFILE'),
    });
    const wrong = await openAs({ ...s3.variables, AWS_SECRET_ACCESS_KEY: 'wrong' });
    await expect(wrong.read(uri)).rejects.toMatchObject({ name: 'Transient', code: 'ACCESS_DENIED' });
    const stranger = await openAs(await s3.addUser('stranger'));
    const root = `s3://${bucket}`;
    for (const refused of [() => stranger.read(uri), () => stranger.list(root), () => stranger.find(root, 'a')]) {
      await expect(refused()).rejects.toMatchObject({
        code: 'ACCESS_DENIED',
        message: expect.stringContaining(`s3://${bucket}`),
        remedy: expect.stringContaining('read'),
      });
    }
    await expect(stranger.create(`s3://${bucket}`, 'b', Buffer.from('x'))).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      remedy: expect.stringContaining('write'),
    });
  });

  it('of a server that is not there name the object and what to look at', async () => {
    const nowhere = await openAs({ ...s3.variables, AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' });
    await expect(nowhere.read('s3://bucket/a')).rejects.toMatchObject({
      name: 'Transient',
      code: 'STORE_UNREACHABLE',
      message: expect.stringMatching(/^s3:\/\/bucket\/a: the store does not answer: .*ECONNREFUSED/),
      remedy: expect.stringContaining('AWS_ENDPOINT_URL'),
    });
  });

  it('that pass are not noticed: 500, 503, and connections that break off or fall silent', async () => {
    const bucket = await newBucket();
    const content = randomBytes(3 * 2 ** 20);
    await put(bucket, 'a', content);
    const faults = [
      { status: 500 },
      { hangUpAfterBytes: 2 ** 20 },
      { status: 503 },
      { silentAfterBytes: 12345 },
      { hangUpAfterBytes: 12345 },
    ];
    const proxy = await startProxy(s3.port, () => faults.shift());
    try {
      const shaken = await openAs({ ...s3.variables, AWS_ENDPOINT_URL: proxy.url }, { silenceMs: 500 });
      expect(Buffer.compare(Buffer.from(await shaken.read(`s3://${bucket}/a`)), content)).toBe(0);
      expect(faults).toEqual([]);
    } finally {
      await proxy.stop();
    }
  });

  const lasting: [fault: Fault, code: string][] = [
    [{ status: 500 }, 'READ_FAILED'],
    [{ status: 503 }, 'STORE_UNREACHABLE'],
    [{ hangUpAfterBytes: 0 }, 'STORE_UNREACHABLE'],
    [{ silentAfterBytes: 0 }, 'STORE_UNREACHABLE'],
  ];
  it.each(lasting)('that do not pass are said: %o', async (fault, code) => {
    const bucket = await newBucket();
    await put(bucket, 'a', 'content');
    const proxy = await startProxy(s3.port, () => fault);
    try {
      const shaken = await openAs({ ...s3.variables, AWS_ENDPOINT_URL: proxy.url }, { silenceMs: 300 });
      await expect(shaken.read(`s3://${bucket}/a`)).rejects.toMatchObject({ name: 'Transient', code });
    } finally {
      await proxy.stop();
    }
  });

  it('never mix two objects: what was replaced while it was read is not read on', async () => {
    const bucket = await newBucket(false);
    await put(bucket, 'a', randomBytes(2 ** 20));
    let isFirst = true;
    const proxy = await startProxy(s3.port, () => {
      const fault = isFirst ? { hangUpAfterBytes: 2 ** 19 } : undefined;
      isFirst = false;
      return fault;
    });
    try {
      const shaken = await openAs({ ...s3.variables, AWS_ENDPOINT_URL: proxy.url });
      const read = async () => {
        let isReplaced = false;
        for await (const _ of shaken.stream(`s3://${bucket}/a`)) {
          if (!isReplaced) await put(bucket, 'a', randomBytes(2 ** 20));
          isReplaced = true;
        }
      };
      await expect(read()).rejects.toMatchObject({ code: 'READ_FAILED', message: expect.stringContaining('changed') });
    } finally {
      await proxy.stop();
    }
  });
});

describe('names of roots', () => {
  it('are the last part of the prefix, or the bucket', () => {
    expect(anyStore.nameOf('s3://bucket/in/batch 7+%/')).toBe('batch 7+%');
    expect(anyStore.nameOf('s3://bucket/')).toBe('bucket');
    expect(anyStore.nameOf('/data/batch-7')).toBe('batch-7');
  });
});
