import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { tabularCsv, textCsv } from '../assess/batch.js';
import { temporaryFolder } from '../temporary-folder.js';
import { entriesIn, LONG_MS, makeTabularService, type TestService, until } from './service.js';
import { startWatchedRedis, type WatchedRedis } from './watched-redis.js';

const inFolder = temporaryFolder();
let redis: WatchedRedis;
let service: TestService;

beforeAll(async () => {
  redis = await startWatchedRedis();
  service = await makeTabularService(inFolder, redis, { dataset: { baseline: undefined, policy: 'policy.json' } });
});
afterEach(async () => {
  await service.stopWorkers();
});
afterAll(() => redis.stop());

/** One shard has four tenths of its labels wrong, one cannot be read, one has columns that no other has. */
function shards(batch: string): Record<string, string> {
  const clean = ['a', 'c', 'd', 'e', 'f', 'g'].map((name) => [`${name}.csv`, tabularCsv(`${batch} ${name}`, 150)]);
  return {
    ...Object.fromEntries(clean),
    'b.csv': tabularCsv(`${batch} b`, 150, 0.4),
    'x.parquet': 'PAR1 but no Parquet file PAR1',
    'y.csv': 'size,colour\nwide,red\n',
  };
}

const HELD = ['b.csv', 'x.parquet', 'y.csv'];

/** The decision and all reports are those of a scan of the same files. */
async function expectAsScanned(batch: string): Promise<void> {
  const { at, taster, decided } = service;
  const scan = ['scan', `in/${batch}`, '--backend', 'wasm', '--ledger', `ledger-of-${batch}`, '--quiet'];
  expect(await taster(...scan, '--out', `scan-of-${batch}`)).toMatchObject({ exitCode: 1 });
  for (const name of ['report.json', 'report.html', 'rows.arrow']) {
    expect(decided(batch, name).equals(readFileSync(at(`scan-of-${batch}`, name)))).toBe(true);
  }
}

function countIn(folder: string): number {
  return entriesIn(folder).filter((entry) => entry.isFile() && !entry.name.startsWith('.')).length;
}

/** In the order in which a batch goes through them. */
const TASKS = ['digest', 'fit', 'assess', 'decide'] as const;

async function activeTasks(): Promise<string[]> {
  return [...(await redis.active('assess')), ...(await redis.active('decide'))];
}

/** Files of work on batches: what was assessed, and fits. */
const workIn = () => countIn(service.at('vault/results')) + countIn(service.at('vault/fits'));

/** Kills the worker in the middle of the task. */
async function killIn(worker: ChildProcess, task: (typeof TASKS)[number]): Promise<void> {
  while (!(await activeTasks()).includes(task));
  const exit = once(worker, 'exit');
  worker.kill('SIGKILL');
  await exit;
}

describe('a batch without trusted rows', () => {
  it('is judged shard by shard, by all workers, as a scan of the same files judges it', async () => {
    const { taster, settled } = service;
    service.upload('monday', shards('monday'));
    expect(await taster('enqueue', 'digits', 'monday')).toMatchObject({ exitCode: 0, stderr: '' });
    service.startWorker();
    service.startWorker();
    expect((await settled('monday')).held).toEqual(HELD);
    await expectAsScanned('monday');
  });

  it(
    'is judged as if nothing had happened when its worker is killed at each stage',
    async () => {
      const { taster, settled } = service;
      service.upload('killed', shards('killed'));
      // What is remembered of the batch before has a say in a decision.
      rmSync(service.at('vault/ledger'), { recursive: true });
      const before = new Set(readdirSync(service.at('vault/fits')));
      await taster('enqueue', 'digits', 'killed');
      for (const task of TASKS) await killIn(service.startWorker(), task);
      const [folder = '', ...others] = readdirSync(service.at('vault/fits')).filter((name) => !before.has(name));
      expect([others, countIn(service.at('vault/fits', folder))]).toEqual([[], 1]);
      service.startWorker();
      expect((await settled('killed', 1, LONG_MS)).held).toEqual(HELD);
      await expectAsScanned('killed');
    },
    LONG_MS,
  );

  it(
    'is judged although fitting takes much longer than a worker may be silent',
    async () => {
      const { taster, settled } = service;
      service.upload('long', { 'a.csv': textCsv('long a', 500), 'b.csv': textCsv('long b', 500) });
      await taster('enqueue', 'digits', 'long');
      service.startWorker();
      expect(await settled('long', 1, LONG_MS)).toMatchObject({ released: ['a.csv', 'b.csv'] });
    },
    LONG_MS,
  );

  it(
    'leaves nothing of the work on it once it is settled, and is judged anew by a rescan',
    async () => {
      const { at, taster, settled } = service;
      service.startWorker();
      await until(() => workIn() === 0, LONG_MS);
      writeFileSync(at('policy.json'), JSON.stringify({ falseQuarantineRate: 0.02 }));
      expect(await taster('rescan', 'digits', 'monday')).toMatchObject({ exitCode: 0, stderr: '' });
      expect((await settled('monday', 2, LONG_MS)).held).toEqual(HELD);
      await until(() => workIn() === 0, LONG_MS);
    },
    LONG_MS,
  );

  it('is held as a whole where it has too few rows to judge by', async () => {
    const { taster, settled, decided } = service;
    service.upload('few', { 'a.csv': tabularCsv('few', 20) });
    await taster('enqueue', 'digits', 'few');
    service.startWorker();
    expect((await settled('few')).held).toEqual(['a.csv']);
    const { findings } = JSON.parse(String(decided('few', 'decision.json')));
    expect(findings).toMatchObject([{ kind: 'integrity', scope: 'batch', subject: 'few' }]);
    expect(findings[0].evidence.summary).toContain('distinct rows');
  });
});
