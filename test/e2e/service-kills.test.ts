import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { tabularCsv } from '../assess/batch.js';
import { temporaryFolder } from '../temporary-folder.js';
import { LONG_MS, makeTabularService, type TestService, until } from './service.js';
import { startWatchedRedis, type WatchedRedis } from './watched-redis.js';

const SHARDS = 60;
const FEWEST_KILLS = 30;
/** Twice as many kills: both workers at once. */
const ROUNDS_OF_ASSESSING = 14;
const RESULTS_BETWEEN = 2;
const inFolder = temporaryFolder();
let redis: WatchedRedis;
let service: TestService;

beforeAll(async () => {
  redis = await startWatchedRedis();
  service = await makeTabularService(inFolder, redis, {
    dataset: { policy: 'policy.json' },
    worker: { attempts: 5, lockSeconds: 2 },
    policy: { limits: { seconds: 60 } },
  });
});
afterEach(async () => {
  await service.stopWorkers();
});
afterAll(() => redis.stop());

/** Every sixth shard has a third of its labels wrong. */
function shards(batch: string): Record<string, string> {
  const names = Array.from({ length: SHARDS }, (_, number) => `part-${String(number).padStart(2, '0')}.csv`);
  return Object.fromEntries(
    names.map((name, number) => [name, tabularCsv(`${batch} ${name}`, 120, number % 6 === 5 ? 0.33 : 0)]),
  );
}

const poisoned = Object.keys(shards('any')).filter((_, number) => number % 6 === 5);
const sound = Object.keys(shards('any')).filter((name) => !poisoned.includes(name));

/** Names of files at any depth, without those that are being written. */
function filesIn(folder: string): string[] {
  const isShown = (name: string) => !name.startsWith('.');
  return entriesOf(folder).flatMap((entry) => {
    if (!isShown(entry.name)) return [];
    return entry.isDirectory() ? filesIn(join(folder, entry.name)) : [entry.name];
  });
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // It is not there yet, or not any more.
  }
}

/** Kills the worker in the middle of a stage, each time further on in it; how often it was there in time. */
async function killAt(stage: 'decide' | 'enforce', done: () => number, points: readonly number[]): Promise<number> {
  let hits = 0;
  for (const point of points) {
    const worker = service.startWorker();
    const isOver = () =>
      existsSync(service.at('vault/batches/killed/records', stage === 'decide' ? '000001.json' : '000002.json'));
    while (!isOver() && !((await redis.active(stage)).length > 0 && done() >= point));
    if (!isOver()) hits++;
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
async function expectUndisturbed(batch: string): Promise<void> {
  const { at, taster, settled, decided } = service;
  const { released, held } = await settled(batch, 1, LONG_MS);
  expect([released, held]).toEqual([sound, poisoned]);
  const scan = ['scan', `in/${batch}`, '--baseline', 'trusted.taster', '--policy', 'policy.json', '--backend', 'wasm'];
  const outcome = await taster(...scan, '--ledger', `ledger-of-${batch}`, '--out', `scan-of-${batch}`);
  expect(outcome).toMatchObject({ exitCode: 1, stderr: '' });
  for (const name of ['report.json', 'rows.arrow', 'report.html']) {
    expect(decided(batch, name).equals(readFileSync(at(`scan-of-${batch}`, name)))).toBe(true);
  }
  expect(filesIn(at('out/released', batch)).sort()).toEqual([...sound, 'verdict.json']);
  expect(filesIn(at('out/quarantine', batch)).sort()).toEqual(poisoned);
  for (const name of sound) {
    expect(readFileSync(at('out/released', batch, name)).equals(readFileSync(at('in', batch, name)))).toBe(true);
  }
  expect(filesIn(at('vault/batches', batch, 'records')).sort()).toEqual(['000001.json', '000002.json']);
}

describe('a batch of sixty shards', () => {
  it(
    'is decided on and released as if nothing had happened while workers are killed thirty times, at each stage',
    async () => {
      const { at, taster } = service;
      service.upload('killed', shards('killed'));
      expect(await taster('enqueue', 'digits', 'killed')).toMatchObject({ exitCode: 0, stderr: '' });
      const results = () => filesIn(at('vault/results')).length;
      let kills = 0;
      for (let round = 0; round < ROUNDS_OF_ASSESSING; round++) {
        const workers = [service.startWorker(), service.startWorker()];
        const before = results();
        await until(() => results() >= Math.min(before + RESULTS_BETWEEN, SHARDS), LONG_MS);
        await Promise.all(workers.map(ended));
        kills += workers.length;
      }
      expect(existsSync(at('out'))).toBe(false);
      const written = () => filesIn(at('vault/batches/killed/decisions')).length;
      const decideKills = await killAt('decide', written, [0, 1, 2, 3, 4]);
      const placed = () => filesIn(at('out')).length;
      const enforceKills = await killAt('enforce', placed, [0, 5, 20, 40, 59]);
      expect(decideKills).toBeGreaterThan(0);
      expect(enforceKills).toBeGreaterThan(0);
      expect(kills + decideKills + enforceKills).toBeGreaterThanOrEqual(FEWEST_KILLS);
      service.startWorker();
      await expectUndisturbed('killed');
    },
    LONG_MS,
  );

  it(
    'is finished when Redis loses everything in the middle of it, and is asked for it again',
    async () => {
      const { at, taster } = service;
      // What was assessed for batches that are settled is removed at some time.
      const known = new Set(entriesOf(at('vault/results')).map(({ name }) => name));
      const folders = () => entriesOf(at('vault/results')).filter(({ name }) => !known.has(name));
      const results = () => folders().flatMap(({ name }) => filesIn(at('vault/results', name)));
      service.upload('forgotten', shards('forgotten'));
      // What is remembered of the batch before has a say in a decision.
      rmSync(at('vault/ledger'), { recursive: true });
      await taster('enqueue', 'digits', 'forgotten');
      service.startWorker();
      service.startWorker();
      await until(() => results().length > 5, LONG_MS);
      await redis.restart({ empty: true });
      expect(await taster('reconcile')).toMatchObject({ exitCode: 0, stdout: 'queued digits forgotten\n' });
      await expectUndisturbed('forgotten');
    },
    LONG_MS,
  );
});

describe('a review at the same moment as a rescan', () => {
  it(
    'counts for the decision that its reviewer has seen, or fails with "decision changed"',
    async () => {
      const { at, taster, settled } = service;
      const [bad = ''] = poisoned;
      service.upload('raced', Object.fromEntries(Object.entries(shards('raced')).slice(0, 12)));
      service.startWorker();
      await taster('enqueue', 'digits', 'raced');
      let { decision } = await settled('raced', 1, LONG_MS);
      for (const round of [1, 2, 3]) {
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
        const verdicts = filesIn(at('out/released/raced')).filter((name) => name.includes('verdict'));
        const last = service.verdict('raced', verdicts.length);
        expect([last.decision, last.held.includes(bad)]).toEqual([decision, true]);
      }
    },
    LONG_MS,
  );
});
