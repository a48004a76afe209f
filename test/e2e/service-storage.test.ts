import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteObjectCommand, GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { type RunningS3, S3_START_MS, startS3 } from '../../servers/s3.js';
import { tabularCsv } from '../assess/batch.js';
import { type Fault, type RunningProxy, startProxy } from '../servers/proxy.js';
import { temporaryFolder } from '../temporary-folder.js';
import { makeTabularService, type TestService } from './service.js';

const BUCKET = 'lake';
const SHARDS = 12;
const LONGEST_MS = 600_000;
/**
 * More than twice what the client of S3 tries by itself: jobs fail, and what looks why they have failed does too. Shards are
 * read to be assessed and to be decided on; what is written is written by one job, which has other things to write.
 */
const READING = { inTurn: 7, turns: 2 };
const WRITING = { inTurn: 4, turns: 1 };

const inFolder = temporaryFolder();
let redis: RedisServer;
let s3: RunningS3;
let proxy: RunningProxy;
let service: TestService;
/** What happens to a request of the service; nothing unless a test says so. */
let faultOf: (request: IncomingMessage) => Fault | Promise<Fault>;

beforeAll(async () => {
  [redis, s3] = await Promise.all([startRedis(), startS3()]);
  await s3.createBucket(BUCKET);
  proxy = await startProxy(s3.port, (request) => faultOf(request));
  const roots = ['incoming', 'released', 'quarantine', 'vault'].map((root) => [root, `s3://${BUCKET}/${root}`]);
  service = await makeTabularService(inFolder, redis, {
    dataset: Object.fromEntries(roots),
    env: { ...s3.variables, AWS_ENDPOINT_URL: proxy.url },
    // Nobody is killed here: a busy machine must not look like a lost worker.
    worker: { attempts: 10, lockSeconds: 10 },
  });
}, S3_START_MS);
beforeEach(async () => {
  faultOf = () => undefined;
  // What is remembered of batches before has a say in a decision.
  for (const key of await keysBelow('vault/ledger/')) {
    await s3.client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: `vault/ledger/${key}` }));
  }
});
afterEach(async () => {
  await service.stopWorkers();
});
afterAll(async () => {
  await proxy?.stop();
  await Promise.all([redis?.stop(), s3?.stop()]);
});

/** Every sixth shard has a third of its labels wrong. */
const shards = Object.fromEntries(
  Array.from({ length: SHARDS }, (_, number) => {
    const name = `part-${String(number).padStart(2, '0')}.csv`;
    return [name, tabularCsv(name, 120, number % 6 === 5 ? 0.33 : 0)];
  }),
);
const poisoned = ['part-05.csv', 'part-11.csv'];
const sound = Object.keys(shards).filter((name) => !poisoned.includes(name));

async function upload(batch: string): Promise<void> {
  for (const [name, text] of Object.entries(shards)) {
    await s3.putObject(BUCKET, `incoming/${batch}/${name}`, Buffer.from(text));
  }
}

const keysBelow = (prefix: string) => s3.keysBelow(BUCKET, prefix);

async function read(key: string): Promise<string> {
  const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
  return (await Body?.transformToString()) ?? '';
}

async function settle(batch: string): Promise<void> {
  while (!(await s3.hasObject(BUCKET, `vault/batches/${batch}/records/000002.json`))) await sleep(100);
}

/** The decision of a batch of the same name and shards that nothing happened to. */
let undisturbed: string | undefined;

async function decisionOn(batch: string): Promise<string> {
  const decisions = await keysBelow(`vault/batches/${batch}/decisions/`);
  const [own = '', ...others] = decisions.filter((key) => key.endsWith('decision.json'));
  expect(others).toEqual([]);
  return (await read(`vault/batches/${batch}/decisions/${own}`)).replaceAll(batch, 'batch');
}

/** As if nothing had happened: same decision, each shard in its place, nothing else there, one judgement. */
async function expectUndisturbed(batch: string): Promise<void> {
  await settle(batch);
  expect(await keysBelow(`released/${batch}/`)).toEqual([...sound, 'verdict.json']);
  expect(await keysBelow(`quarantine/${batch}/`)).toEqual(poisoned);
  for (const name of sound) expect(await read(`released/${batch}/${name}`)).toBe(shards[name]);
  expect(await keysBelow(`vault/batches/${batch}/records/`)).toEqual(['000001.json', '000002.json']);
  undisturbed ??= await decisionOn('calm');
  expect(await decisionOn(batch)).toBe(undisturbed);
}

/** Requests of each object or prefix that `isMeant` names fail several times in turn, then one gets through; after some turns all do. */
function spoilMost(isMeant: (request: IncomingMessage) => boolean, fault: Fault, { inTurn, turns }: typeof READING) {
  const seen = new Map<string, number>();
  const hits = { count: 0 };
  faultOf = (request) => {
    if (!isMeant(request)) return undefined;
    const { pathname, searchParams } = new URL(request.url ?? '', proxy.url);
    const key = `${pathname} ${searchParams.get('prefix')}`;
    const times = seen.get(key) ?? 0;
    seen.set(key, times + 1);
    if (times >= turns * (inTurn + 1) || times % (inTurn + 1) === inTurn) return undefined;
    hits.count++;
    return fault;
  };
  return hits;
}

const isShard = ({ method, url = '' }: IncomingMessage) => method === 'GET' && /\/incoming\/.*\.csv/.test(url);
const isWrite = ({ method, url = '' }: IncomingMessage) =>
  method === 'PUT' && /\/(vault\/results|records|released|quarantine)\//.test(url);
/** Of objects and of versions. */
const isList = ({ method, url = '' }: IncomingMessage) => method === 'GET' && /[?&](list-type=2|versions)/.test(url);

describe('a batch', () => {
  it(
    'is judged while nothing happens',
    async () => {
      await upload('calm');
      await service.taster('enqueue', 'digits', 'calm');
      service.startWorker();
      await expectUndisturbed('calm');
    },
    LONGEST_MS,
  );

  it.each<[name: string, what: string, isMeant: (request: IncomingMessage) => boolean, fault: Fault]>([
    ['broken', 'answers 500 to those who read shards', isShard, { status: 500 }],
    ['busy', 'answers 503 to those who read shards', isShard, { status: 503 }],
    ['cut', 'hangs up in the middle of shards', isShard, { hangUpAfterBytes: 100 }],
    ['failing', 'answers 500 to those who write', isWrite, { status: 500 }],
    ['refusing', 'answers 503 to those who write', isWrite, { status: 503 }],
    ['deaf', 'writes and hangs up before it says so', isWrite, { hangsUpUnheard: true }],
  ])(
    'gets the decision of an undisturbed one while the store %s: %s',
    async (batch, _, isMeant, fault) => {
      await upload(batch);
      await service.taster('enqueue', 'digits', batch);
      const hits = spoilMost(isMeant, fault, isMeant === isShard ? READING : WRITING);
      service.startWorker();
      service.startWorker();
      await expectUndisturbed(batch);
      expect(hits.count).toBeGreaterThan(SHARDS);
    },
    LONGEST_MS,
  );

  it.each<[name: string, what: string, fault: Fault]>([
    ['blind', 'answers 500 to those who list', { status: 500 }],
    ['hurried', 'answers 503 to those who list', { status: 503 }],
    ['curt', 'hangs up in the middle of listings', { hangUpAfterBytes: 200 }],
  ])(
    'is sealed whole and gets that decision while the store %s: %s',
    async (batch, _, fault) => {
      await upload(batch);
      await s3.putObject(BUCKET, `incoming/${batch}/_SUCCESS`, Buffer.from(''));
      const listed = new Set<string>();
      const isMeant = (request: IncomingMessage) => {
        if (!isList(request)) return false;
        listed.add(new URL(request.url ?? '', proxy.url).searchParams.get('prefix') ?? '');
        return true;
      };
      // One job lists several prefixes, and has one number of tries for all of them.
      const hits = spoilMost(isMeant, fault, WRITING);
      service.startWorker();
      service.startWorker();
      await expectUndisturbed(batch);
      const sealed = JSON.parse(await read(`vault/batches/${batch}/seal.json`));
      expect(sealed.shards.map(({ path }: { path: string }) => path)).toEqual(Object.keys(shards));
      expect([...listed]).toEqual(expect.arrayContaining(['incoming/', `incoming/${batch}/`, 'vault/batches/']));
      expect(hits.count).toBeGreaterThanOrEqual(WRITING.inTurn * 5);
    },
    LONGEST_MS,
  );

  it(
    'gets it from a slow store',
    async () => {
      await upload('slow');
      await service.taster('enqueue', 'digits', 'slow');
      faultOf = async () => {
        await sleep(150);
        return undefined;
      };
      service.startWorker();
      await expectUndisturbed('slow');
    },
    LONGEST_MS,
  );

  it(
    'is what was sealed, whatever takes the place of its shards while they are read',
    async () => {
      await upload('replaced');
      await service.taster('enqueue', 'digits', 'replaced');
      const replaced = new Set<string>();
      faultOf = async (request) => {
        const [, key = ''] = /\/lake\/(incoming\/replaced\/[^?]+)/.exec(request.url ?? '') ?? [];
        if (request.method !== 'GET' || key === '' || replaced.has(key)) return undefined;
        replaced.add(key);
        await s3.putObject(BUCKET, key, Buffer.from('label\nanother\n'));
        return undefined;
      };
      service.startWorker();
      await expectUndisturbed('replaced');
      expect(replaced.size).toBe(SHARDS);
    },
    LONGEST_MS,
  );

  it.each([500, 503])(
    'stays as it is where those who ask for something are answered %i to every listing, and are told so',
    async (status) => {
      await service.taster('enqueue', 'digits', 'calm');
      const before = await keysBelow('');
      const commands = [
        ['status'],
        ['status', '--json'],
        ['enqueue', 'digits', 'calm'],
        ['enqueue', `s3://${BUCKET}/incoming`],
        ['reconcile'],
        ['rescan', 'digits', 'calm'],
        ['rescan', 'digits'],
        ['review', 'list'],
      ];
      faultOf = (request) => (isList(request) ? { status } : undefined);
      for (const command of commands) {
        const stderr = expect.stringMatching(new RegExp(`^taster: s3://${BUCKET}/[^ ]+: .*: status ${status}\\n`));
        expect(await service.taster(...command)).toMatchObject({ exitCode: 3, stdout: '', stderr });
      }
      faultOf = () => undefined;
      expect(await service.taster('status')).toMatchObject({ exitCode: 0 });
      expect(await keysBelow('')).toEqual(before);
    },
    LONGEST_MS,
  );

  it(
    'is judged once when two schedulers hear of it often and in any order',
    async () => {
      const token = 'a token that nobody guesses';
      const servers = [await service.serve(token), await service.serve(token)];
      service.startWorker();
      service.startWorker();
      await upload('announced');
      await s3.putObject(BUCKET, 'incoming/announced/_SUCCESS', Buffer.from(''));
      const keys = [...Object.keys(shards), '_SUCCESS'].reverse();
      const told = [...keys, ...keys].map(async (name, number) => {
        const record = { s3: { bucket: { name: BUCKET }, object: { key: `incoming/announced/${name}` } } };
        const answer = await fetch(`${servers[number % 2]?.address}/events`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
          body: JSON.stringify({ Records: [record, record] }),
        });
        return answer.status;
      });
      const enqueued = [1, 2].map(() => service.taster('enqueue', 'digits', 'announced'));
      expect(new Set(await Promise.all(told))).toEqual(new Set([202]));
      await Promise.all(enqueued);
      await expectUndisturbed('announced');
      expect((await keysBelow('vault/batches/')).filter((key) => key.startsWith('announced~'))).toEqual([]);
      for (const { stop } of servers) expect(await stop()).toBe(0);
    },
    LONGEST_MS,
  );
});
