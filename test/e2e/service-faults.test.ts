import { existsSync, readFileSync, rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import type { Finding } from '../../src/schema/index.js';
import { tabularCsv } from '../assess/batch.js';
import { temporaryFolder } from '../temporary-folder.js';
import { processes } from './processes.js';
import { entriesIn, makeTabularService, type TestService, until } from './service.js';

const SHARDS = 24;
const KILLS = 8;
/** Each kill costs the start of a worker, which takes long on a busy machine. */
const LONGEST_MS = 400_000;
const LARGE_ROWS = 400_000;
/** By the clock a parser that hangs takes five times as long. */
const SECONDS = 4;

const inFolder = temporaryFolder();
let redis: RedisServer;
let service: TestService;

beforeAll(async () => {
  redis = await startRedis();
  const policy = { limits: { seconds: SECONDS } };
  service = await makeTabularService(inFolder, redis, { dataset: { policy: 'policy.json' }, policy });
});
afterEach(async () => {
  await service.stopWorkers();
});
afterAll(() => redis.stop());

/** Every sixth shard has a third of its labels wrong. */
function shards(): Record<string, string> {
  const names = Array.from({ length: SHARDS }, (_, number) => `part-${String(number).padStart(2, '0')}.csv`);
  return Object.fromEntries(names.map((name, number) => [name, tabularCsv(name, 120, number % 6 === 5 ? 0.33 : 0)]));
}

/** Scans what a batch is made of as one would without a service. */
async function scan(batch: string) {
  const paths = ['--ledger', `ledger-of-${batch}`, '--out', `scan-of-${batch}`];
  const outcome = await service.taster(
    'scan',
    `in/${batch}`,
    '--baseline',
    'trusted.taster',
    '--policy',
    'policy.json',
    '--backend',
    'wasm',
    ...paths,
  );
  expect(outcome).toMatchObject({ exitCode: 1, stderr: '' });
  return readFileSync(service.at(`scan-of-${batch}`, 'report.json'));
}

/** Objects that work has left so far. */
const stepsIn = (vault: string) => entriesIn(vault).length;

/** Bytes that a process has read so far. */
function bytesRead(id: number): number {
  try {
    return Number(/^rchar: (\d+)/.exec(readFileSync(`/proc/${id}/io`, 'utf8'))?.[1]);
  } catch {
    return 0; // It has ended in between.
  }
}

describe('a batch', () => {
  it(
    'gets the decision of an undisturbed run while workers are killed at any moment',
    async () => {
      const { at, taster, settled, decided } = service;
      service.upload('killed', shards());
      const enqueued = await taster('enqueue', 'digits', 'killed');
      expect(enqueued).toMatchObject({ exitCode: 0, stderr: '' });
      const isSettled = () => existsSync(at('out/released/killed/verdict.json'));
      let kills = 0;
      for (; kills < KILLS && !isSettled(); kills++) {
        const worker = service.startWorker();
        const before = stepsIn(at('vault'));
        // Later and later in the work, so that each stage is hit.
        await until(() => isSettled() || stepsIn(at('vault')) > before + kills);
        worker.kill('SIGKILL');
      }
      service.startWorker();
      const { released, held } = await settled('killed');
      expect(kills).toBeGreaterThan(3);
      expect(decided('killed', 'report.json').equals(await scan('killed'))).toBe(true);
      expect(released.length + held.length).toBe(SHARDS);
      expect(held).toEqual(['part-05.csv', 'part-11.csv', 'part-17.csv', 'part-23.csv']);
      for (const path of released) {
        expect(readFileSync(at('out/released/killed', path))).toEqual(readFileSync(at('in/killed', path)));
      }
    },
    LONGEST_MS,
  );

  it('gets it while Redis dies and comes back with what it had written down', async () => {
    const { at, taster, settled } = service;
    service.upload('restarted', shards());
    service.startWorker();
    await taster('enqueue', 'digits', 'restarted');
    const before = stepsIn(at('vault'));
    await until(() => stepsIn(at('vault')) > before + 2);
    await redis.restart();
    const { held } = await settled('restarted');
    expect(held).toEqual(['part-05.csv', 'part-11.csv', 'part-17.csv', 'part-23.csv']);
  });

  const deaths = [
    { signal: 'SIGKILL', what: 'dies', said: 'the process reading it died, twice.' },
    { signal: 'SIGSTOP', what: 'hangs', said: `reading it took more than ${SECONDS} s of processor time, or ` },
  ] as const;
  it.runIf(process.platform === 'linux').each(deaths)(
    'loses the shard over which its parser $what, and no other',
    async ({ signal, what, said }) => {
      const { at, taster, settled, decided } = service;
      const [header, row] = tabularCsv('large', 1).split('\n');
      const large = `${header}\n${`${row}\n`.repeat(LARGE_ROWS)}`;
      const bad = `${what}.csv`;
      service.upload(what, { 'a.csv': tabularCsv('a', 120), [bad]: large, 'z.csv': tabularCsv('z', 120) });
      const worker = service.startWorker();
      const hit = new Set<number>();
      const watch = setInterval(() => {
        for (const { id, parent } of processes()) {
          if (parent !== worker.pid || hit.has(id) || bytesRead(id) < large.length) continue;
          hit.add(id);
          process.kill(id, signal);
        }
      }, 10);
      await taster('enqueue', 'digits', what);
      const { released, held } = await settled(what).finally(() => clearInterval(watch));
      expect(released).toEqual(['a.csv', 'z.csv']);
      expect(held).toEqual([bad]);
      const findings: Finding[] = JSON.parse(decided(what, 'decision.json').toString()).findings;
      const faults = findings.filter(({ kind }) => kind === 'integrity');
      expect(faults.map(({ subject, evidence }) => [subject, evidence.summary])).toEqual([
        [bad, expect.stringContaining(`${bad}: ${said}`)],
      ]);
      expect(readFileSync(at('out/quarantine', what, bad)).length).toBe(large.length);
    },
  );

  it('is decided on without a shard that cannot be had however often it is tried, and again once it can', async () => {
    const { at, taster, settled, decided } = service;
    service.upload('missing', { 'a.csv': tabularCsv('a', 120), 'b.csv': tabularCsv('b', 120) });
    await taster('enqueue', 'digits', 'missing');
    rmSync(at('in/missing/b.csv'));
    service.startWorker();
    expect(await settled('missing')).toMatchObject({ released: ['a.csv'], held: ['b.csv'] });
    expect(decided('missing', 'decision.json').toString()).toContain('b.csv: it could not be assessed');
    const { decision } = service.verdict('missing');
    const release = ['review', 'release', 'digits', 'missing', 'b.csv', '--decision', decision];
    expect(await taster(...release, '--by', 'ann', '--reason', 'it was there')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('b.csv could not be assessed: `taster rescan` tries again'),
    });
    service.upload('missing', { 'b.csv': tabularCsv('b', 120) });
    expect(await taster('reconcile')).toMatchObject({ stdout: 'queued digits missing\n', stderr: '' });
    expect(await settled('missing', 2)).toMatchObject({ released: ['a.csv', 'b.csv'], held: [] });
    expect((await taster('reconcile')).stdout).toBe('');
    expect(await taster('audit', 'verify', 'vault/audit')).toMatchObject({ exitCode: 0 });
  });
});
