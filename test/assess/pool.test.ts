import { mkdtemp, rm, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Task } from '../../src/assess/assess-worker.js';
import { assessAll, type ChildLimits, Crew, rowFiles, type ShardAssessment } from '../../src/assess/index.js';
import { type BatchJob, processesFor } from '../../src/assess/pool.js';
import { type Baseline, fitBaseline, readTrusted } from '../../src/baseline/index.js';
import { assignRoles } from '../../src/encode/index.js';
import { Transient } from '../../src/errors.js';
import { locateShards } from '../../src/intake/index.js';
import { startBackend } from '../../src/linear/index.js';
import { defaultShardLimits } from '../../src/schema/index.js';
import { fileStore } from '../../src/store/index.js';
import { tabularCsv, writeFiles } from './batch.js';

/** Paths of shards, one for each time that the child assessing it is to be killed. */
const fatal: string[] = [];
/** Paths in the order in which children were given them. */
const given: string[] = [];

vi.mock('../../src/assess/child.js', async (importOriginal) => {
  const { startChild } = await importOriginal<typeof import('../../src/assess/child.js')>();
  return {
    startChild: (limits: ChildLimits) => {
      const child = startChild(limits);
      const assess = (task: Task) => {
        given.push(task.shard.path);
        const assessment = child.assess(task);
        const at = fatal.indexOf(task.shard.path);
        if (at >= 0) {
          fatal.splice(at, 1);
          child.kill();
        }
        return assessment;
      };
      return { ...child, assess };
    },
  };
});

const limits = { ...defaultShardLimits, seconds: 60 };
let folder: string;
let crew: Crew;
let baseline: Baseline;
beforeAll(async () => {
  await startBackend('wasm');
  const trustedFolder = await mkdtemp(join(tmpdir(), 'pool-test-'));
  await writeFiles(trustedFolder, { 'trusted.csv': tabularCsv('trusted', 300) });
  const trusted = await readTrusted(fileStore, trustedFolder);
  await rm(trustedFolder, { recursive: true });
  baseline = fitBaseline(trusted, assignRoles(trusted.table, { ids: [] }, 'trusted'));
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pool-test-'));
  await writeFiles(join(folder, 'batch'), {
    'a.csv': tabularCsv('a', 60),
    'b.csv': tabularCsv('b', 90),
    'c.csv': 'PAR1 but no Parquet file PAR1',
    'd.csv': tabularCsv('d', 120),
  });
  await writeFiles(join(folder, 'tmp'), {});
  given.length = 0;
  crew = new Crew(limits);
});

afterEach(async () => {
  await crew.stop();
  await rm(folder, { recursive: true });
});

async function assessBatch(processes: number, job: Partial<BatchJob> = {}) {
  const shards = await locateShards(fileStore, [join(folder, 'batch')]);
  const progress: number[] = [];
  const onProgress = (done: number) => void progress.push(done);
  const defaults = {
    store: fileStore,
    baseline,
    columns: { ids: [] },
    backend: 'wasm',
    crew,
    processes,
    limits,
    scratch: join(folder, 'tmp'),
    onProgress,
  } as const;
  return { assessments: await assessAll(shards, { ...defaults, ...job }), progress };
}

const integrityFault = (summary: string) => ({ rows: null, faults: [{ kind: 'integrity', summary, holds: true }] });
/** Another store than the children's own, so that everything happens in this process. */
const hereOnly = { ...fileStore };

describe('the number of processes', () => {
  const shardsOf = (...bytes: number[]) => bytes.map((size, i) => ({ path: `${i}`, uri: `/${i}`, bytes: size }));

  it('is what was asked for, but never more than there are shards', () => {
    expect(processesFor(shardsOf(1, 1, 1), 2)).toBe(2);
    expect(processesFor(shardsOf(1, 1, 1), 8)).toBe(3);
  });

  it('is chosen by cores for a large batch, and one for a small one', () => {
    expect(processesFor(shardsOf(5e6, 5e6, 5e6, 5e6), 0, 3)).toBe(3);
    expect(processesFor(shardsOf(5e6, 5e6), 0, 3)).toBe(2);
    expect(processesFor(shardsOf(500, 500, 500), 0, 3)).toBe(1);
  });
});

describe('children', () => {
  it('assess as one process does, in the order of shards', async () => {
    const scratch = await mkdtemp(join(folder, 'alone-'));
    const alone = await assessBatch(1, { store: hereOnly, scratch });
    expect(given).toEqual([]);
    const shared = await assessBatch(3);
    for (const number of [0, 1, 2, 3]) {
      expect(await rowFiles(join(folder, 'tmp')).read(number)).toEqual(await rowFiles(scratch).read(number));
    }
    expect(shared.assessments).toEqual(alone.assessments);
    expect(alone.assessments.map(({ path, rows }) => [path, rows])).toEqual([
      ['a.csv', 60],
      ['b.csv', 90],
      ['c.csv', null],
      ['d.csv', 120],
    ]);
    expect(shared.progress).toEqual([0, 1, 2, 3, 4]);
    expect(given).toHaveLength(4);
  });

  it('are tried again when one dies over a shard', async () => {
    const { assessments: expected } = await assessBatch(1, { store: hereOnly });
    fatal.push('d.csv');
    const { assessments } = await assessBatch(2);
    expect(assessments).toEqual(expected);
    expect(given).toHaveLength(5);
    expect(given.at(-1)).toBe('d.csv');
  });

  it('make a shard unreadable when they die over it twice, and only that one', async () => {
    const { assessments: expected } = await assessBatch(1, { store: hereOnly });
    fatal.push('b.csv', 'b.csv', 'a.csv');
    const { assessments, progress } = await assessBatch(2);
    const [a, b, ...others] = assessments as [ShardAssessment, ShardAssessment];
    expect([a, ...others]).toEqual(expected.filter(({ path }) => path !== 'b.csv'));
    expect(b).toMatchObject(integrityFault('the process reading it died, twice'));
    expect(b.sha256).toBe(expected[1]?.sha256);
    expect(progress).toEqual([0, 1, 2, 3, 4]);
  });

  it('hand on what failed in one of them as what it was, and stop', async () => {
    const shards = await locateShards(fileStore, [join(folder, 'batch')]);
    await unlink(join(folder, 'batch', 'd.csv'));
    const assessing = assessAll(shards, {
      store: fileStore,
      baseline,
      columns: { ids: [] },
      backend: 'wasm',
      crew,
      processes: 2,
      limits,
      scratch: join(folder, 'tmp'),
      onProgress: () => {},
    });
    const error = await assessing.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Transient);
    expect(error).toMatchObject({ code: 'READ_FAILED', remedy: expect.stringContaining('permissions') });
    expect((error as Error).message).toMatch(/d\.csv: reading failed: ENOENT/);
  });

  it('are not used with a store that only this process has', async () => {
    const store = { ...fileStore, read: async () => new TextEncoder().encode(tabularCsv('e', 10)) };
    const { assessments } = await assessBatch(2, { store });
    expect(assessments.map(({ rows }) => rows)).toEqual([10, 10, 10, 10]);
    expect(given).toEqual([]);
  });
});
