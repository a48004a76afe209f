import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { S3_START_MS } from '../../servers/s3.js';
import { tabularCsv } from '../assess/batch.js';
import { temporaryFolder } from '../temporary-folder.js';
import { bucketLake, folderLake, type Lake, settledIn } from './lake.js';
import { LONG_MS, makeTabularService, type TestService, until } from './service.js';
import { startWatchedRedis, type WatchedRedis } from './watched-redis.js';

const RESULTS_BETWEEN = 2;
const inFolder = temporaryFolder();
let redis: WatchedRedis;
let service: TestService;
let lake: Lake;

interface Setting {
  readonly openLake: () => Promise<Lake>;
  readonly count: number;
  /** Twice as many kills: both workers at once. */
  readonly roundsOfAssessing: number;
  /** How far a stage has come when its worker is killed: files of the decision, shards in their places. */
  readonly decidePoints: readonly number[];
  readonly enforcePoints: readonly number[];
  readonly fewestKills: number;
  readonly races: number;
}

/** Buckets get all of it; what folders do otherwise, a few kills of each stage show. */
const settings: readonly (readonly [string, Setting])[] = [
  [
    'a bucket',
    {
      openLake: bucketLake,
      count: 60,
      roundsOfAssessing: 14,
      decidePoints: [0, 2, 4],
      enforcePoints: [0, 20, 59],
      fewestKills: 30,
      races: 2,
    },
  ],
  [
    'folders',
    {
      openLake: () => folderLake(inFolder('lake')),
      count: 24,
      roundsOfAssessing: 1,
      decidePoints: [0],
      enforcePoints: [0],
      fewestKills: 4,
      races: 1,
    },
  ],
];

/** Every sixth shard has a third of its labels wrong. */
function shardsOf(batch: string, count: number): Record<string, string> {
  const names = Array.from({ length: count }, (_, number) => `part-${String(number).padStart(2, '0')}.csv`);
  return Object.fromEntries(
    names.map((name, number) => [name, tabularCsv(`${batch} ${name}`, 120, number % 6 === 5 ? 0.33 : 0)]),
  );
}

async function upload(batch: string, shards: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(shards)) await lake.put(`incoming/${batch}/${name}`, text);
}

/** Kills the worker in the middle of a stage, each time further on in it; how often it was there in time. */
async function killAt(
  stage: 'decide' | 'enforce',
  done: () => Promise<number>,
  points: readonly number[],
): Promise<number> {
  let hits = 0;
  for (const point of points) {
    const worker = service.startWorker();
    const isOver = () => lake.has(`vault/batches/killed/records/${stage === 'decide' ? '000001' : '000002'}.json`);
    while (!(await isOver()) && !((await redis.active(stage)).length > 0 && (await done()) >= point));
    if (!(await isOver())) hits++;
    await ended(worker);
  }
  return hits;
}

async function ended(worker: ReturnType<TestService['startWorker']>): Promise<void> {
  const exit = new Promise((resolve) => worker.once('exit', resolve));
  worker.kill('SIGKILL');
  await exit;
}

/** What became of the batch is what a scan of the same files says, and every shard is in one place. */
async function expectUndisturbed(batch: string, shards: Record<string, string>): Promise<void> {
  const names = Object.keys(shards);
  const poisoned = names.filter((_, number) => number % 6 === 5);
  const sound = names.filter((name) => !poisoned.includes(name));
  const { released, held } = await settledIn(lake, batch, 1, LONG_MS);
  expect([released, held]).toEqual([sound, poisoned]);
  const incoming = `${lake.roots['incoming']}/${batch}`;
  const scan = ['scan', incoming, '--baseline', 'trusted.taster', '--policy', 'policy.json', '--backend', 'wasm'];
  const outcome = await service.taster(...scan, '--ledger', `ledger-of-${batch}`, '--out', `scan-of-${batch}`);
  expect(outcome).toMatchObject({ exitCode: 1, stderr: '' });
  const decisions = `vault/batches/${batch}/decisions/`;
  const written = await lake.keysBelow(decisions);
  expect(new Set(written.map((key) => key.split('/')[0])).size).toBe(1);
  for (const name of ['report.json', 'rows.arrow', 'report.html']) {
    const key = written.find((one) => one.endsWith(`/${name}`));
    const decided = await lake.read(`${decisions}${key}`);
    expect(decided.equals(readFileSync(service.at(`scan-of-${batch}`, name)))).toBe(true);
  }
  expect(await lake.keysBelow(`released/${batch}/`)).toEqual([...sound, 'verdict.json']);
  expect(await lake.keysBelow(`quarantine/${batch}/`)).toEqual(poisoned);
  for (const name of sound) expect(String(await lake.read(`released/${batch}/${name}`))).toBe(shards[name]);
  expect(await lake.keysBelow(`vault/batches/${batch}/records/`)).toEqual(['000001.json', '000002.json']);
}

describe.each(settings)('with shards in %s', (_, setting) => {
  const { openLake, count, roundsOfAssessing, decidePoints, enforcePoints, fewestKills, races } = setting;

  beforeAll(async () => {
    [redis, lake] = await Promise.all([startWatchedRedis(), openLake()]);
    const { dataset = {}, env = {} } = lake.settings;
    service = await makeTabularService((path) => inFolder(`of-${count}`, path), redis, {
      dataset: { ...dataset, policy: 'policy.json' },
      env,
      worker: { attempts: 5, lockSeconds: 2 },
      policy: { limits: { seconds: 60 } },
    });
  }, S3_START_MS);
  afterEach(async () => {
    await service.stopWorkers();
  });
  afterAll(() => Promise.all([redis?.stop(), lake?.stop()]));

  it(
    `a batch of ${count} shards is decided on and released as if nothing had happened while workers are killed ${fewestKills} times, at each stage`,
    async () => {
      const shards = shardsOf('killed', count);
      await upload('killed', shards);
      expect(await service.taster('enqueue', 'digits', 'killed')).toMatchObject({ exitCode: 0, stderr: '' });
      const countOf = async (...prefixes: string[]) => {
        const keys = await Promise.all(prefixes.map((prefix) => lake.keysBelow(prefix)));
        return keys.flat().length;
      };
      const results = () => countOf('vault/results/');
      let kills = 0;
      for (let round = 0; round < roundsOfAssessing; round++) {
        const workers = [service.startWorker(), service.startWorker()];
        const before = await results();
        await until(async () => (await results()) >= Math.min(before + RESULTS_BETWEEN, count), LONG_MS);
        await Promise.all(workers.map(ended));
        kills += workers.length;
      }
      expect(await countOf('released/', 'quarantine/')).toBe(0);
      const decideKills = await killAt('decide', () => countOf('vault/batches/killed/decisions/'), decidePoints);
      const enforceKills = await killAt('enforce', () => countOf('released/', 'quarantine/'), enforcePoints);
      expect(decideKills).toBeGreaterThan(0);
      expect(enforceKills).toBeGreaterThan(0);
      expect(kills + decideKills + enforceKills).toBeGreaterThanOrEqual(fewestKills);
      service.startWorker();
      await expectUndisturbed('killed', shards);
    },
    LONG_MS,
  );

  it(
    'is finished when Redis loses everything in the middle of it, and is asked for it again',
    async () => {
      // What was assessed for batches that are settled is removed at some time.
      const known = new Set((await lake.keysBelow('vault/results/')).map((key) => key.split('/')[0]));
      const results = async () =>
        (await lake.keysBelow('vault/results/')).filter((key) => !known.has(key.split('/')[0]));
      const shards = shardsOf('forgotten', count);
      await upload('forgotten', shards);
      // What is remembered of the batch before has a say in a decision.
      await lake.removeBelow('vault/ledger/');
      await service.taster('enqueue', 'digits', 'forgotten');
      service.startWorker();
      service.startWorker();
      await until(async () => (await results()).length > 5, LONG_MS);
      await redis.restart({ empty: true });
      expect(await lake.has('vault/batches/forgotten/records/000001.json')).toBe(false);
      const { exitCode, stdout } = await service.taster('reconcile');
      expect(exitCode).toBe(0);
      // A sweep that was under way may have queued it before.
      expect(['', 'queued digits forgotten\n']).toContain(stdout);
      await expectUndisturbed('forgotten', shards);
    },
    LONG_MS,
  );

  it(
    'a review at the same moment as a rescan counts for the decision that its reviewer has seen, or fails with "decision changed"',
    async () => {
      const { at, taster } = service;
      const bad = 'part-05.csv';
      await upload('raced', shardsOf('raced', 12));
      service.startWorker();
      await taster('enqueue', 'digits', 'raced');
      let { decision } = await settledIn(lake, 'raced', 1, LONG_MS);
      for (let round = 1; round <= races; round++) {
        writeFileSync(at('policy.json'), JSON.stringify({ falseQuarantineRate: 0.01 + round / 1000 }));
        const by = ['--decision', decision, '--by', 'ann', '--reason', 'looked at it'];
        const [rescanned, reviewed] = await Promise.all([
          taster('rescan', 'digits', 'raced'),
          taster('review', 'release', 'digits', 'raced', bad, ...by),
        ]);
        expect(rescanned).toMatchObject({ exitCode: 0 });
        expect(reviewed.exitCode === 0 || reviewed.stderr.includes('decision changed')).toBe(true);
        expect((await taster('status', '--watch')).exitCode).toBe(0);
        const shown = JSON.parse((await taster('review', 'show', 'digits', 'raced', '--json')).stdout);
        // The review was of the decision before, whether it came in time or not.
        expect(shown.decision).not.toBe(decision);
        expect(shown.shards).toContainEqual(expect.objectContaining({ path: bad, standing: 'held' }));
        ({ decision } = shown);
        const verdicts = (await lake.keysBelow('released/raced/')).filter((name) => name.includes('verdict'));
        const last = await settledIn(lake, 'raced', verdicts.length, LONG_MS);
        expect([last.decision, last.held.includes(bad)]).toEqual([decision, true]);
      }
    },
    LONG_MS,
  );
});
