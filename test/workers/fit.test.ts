import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Child } from '../../src/assess/child.js';
import type { ChildLimits } from '../../src/assess/index.js';
import { currentJudgement, findArrival, readRecords, readSeal, sealArrival, storePlan } from '../../src/batch/index.js';
import { type Dataset, loadConfig } from '../../src/config/index.js';
import type { AssessedJob, AssessJob, BatchJob, Fit, JobQueue } from '../../src/queue/index.js';
import type { Decision, SealedShard } from '../../src/schema/index.js';
import { fileStore } from '../../src/store/index.js';
import { assessJob } from '../../workers/assess.js';
import { decideJob } from '../../workers/decide.js';
import { digestJob } from '../../workers/digest.js';
import { fitJob } from '../../workers/fit.js';
import type { Surroundings } from '../../workers/surroundings.js';
import { tabularCsv, writeFiles } from '../assess/batch.js';
import { temporaryFolder } from '../temporary-folder.js';
import { surroundingsIn } from './surroundings.js';

/** Paths of shards over whose second reading the process is killed. */
const deadly = new Set<string>();

vi.mock('../../src/assess/child.js', async (importOriginal) => {
  const { startChild } = await importOriginal<typeof import('../../src/assess/child.js')>();
  return {
    startChild: (limits: ChildLimits) => {
      const child = startChild(limits);
      const sample: Child['sample'] = (task, choice) => {
        const sampled = child.sample(task, choice);
        if (choice !== null && deadly.has(task.shard.path)) child.kill();
        return sampled;
      };
      return { ...child, sample };
    },
  };
});

const at = temporaryFolder();
const queued: { readonly shards: readonly Pick<AssessJob, 'shard' | 'digested'>[]; readonly fit: Fit }[] = [];
const addAssessments: JobQueue['addAssessments'] = async (_, shards, fit) => void queued.push({ shards, fit });
let around: Surroundings;
let dataset: Dataset;

beforeAll(async () => {
  const roots = { incoming: 'in', released: 'released', quarantine: 'quarantine', vault: 'vault' };
  await writeFiles(at(), { 'config.json': JSON.stringify({ datasets: { d: { ...roots, mode: 'enforce' } } }) });
  const config = loadConfig(at('config.json'));
  around = { ...surroundingsIn(at(), { queue: { addAssessments } as JobQueue }), config };
  dataset = config.datasets.get('d') as Dataset;
});
afterEach(() => deadly.clear());
afterAll(() => around.benches.stop());

interface Digested {
  readonly job: BatchJob;
  readonly shards: readonly SealedShard[];
  readonly done: readonly AssessedJob[];
}

/** Uploads and seals a batch, and tells the rows of its shards apart. */
async function digested(batch: string, names: readonly string[] = ['a', 'b', 'c', 'e']): Promise<Digested> {
  const files = names.map((name) => [`${name}.csv`, tabularCsv(`${batch} ${name}`, 150, name === 'b' ? 0.4 : 0)]);
  await writeFiles(at('in', batch), Object.fromEntries(files));
  await sealArrival(fileStore, dataset, await findArrival(fileStore, dataset, batch));
  const job = { dataset: 'd', batch, plan: await storePlan(fileStore, dataset, 'wasm') };
  const shards = (await readSeal(fileStore, dataset.vault, batch))?.shards ?? [];
  const done = await Promise.all(shards.map((shard) => digestJob(around, { ...job, shard })));
  return { job, shards, done };
}

const fitted = ({ job, done }: Digested) => fitJob(around, job, { done, failureOf: () => undefined });

async function decided(
  { job, shards, done: digestedBefore }: Digested,
  by: Awaited<ReturnType<typeof fitted>>,
): Promise<Decision> {
  const judgedBy = by.fit === null ? {} : { fit: by.fit };
  const known = new Map(digestedBefore.map(({ path, sha256 }) => [path, sha256 ?? undefined]));
  const done = await Promise.all(
    shards.map((shard) => assessJob(around, { ...job, ...judgedBy, shard, digested: known.get(shard.path) })),
  );
  await decideJob(around, job, { done, fitted: by, failureOf: () => undefined });
  const judgement = currentJudgement(await readRecords(fileStore, dataset.vault, job.batch));
  const path = at('vault/batches', job.batch, 'decisions', judgement?.decision ?? '', 'decision.json');
  return JSON.parse(readFileSync(path, 'utf8')) as Decision;
}

const digestedShards = ({ shards, done }: Digested) =>
  shards.map((shard, number) => ({ shard, digested: done[number]?.sha256 }));

/** Files at any depth. */
function filesIn(folder: string): string[] {
  const entries = readdirSync(at(folder), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

/** The file of the vault that a fit is. */
function fitFile(by: Awaited<ReturnType<typeof fitted>>): string {
  const found = filesIn('vault/fits').filter((file) => basename(file) === by.fit?.sha256);
  expect(found).toHaveLength(1);
  return found[0] as string;
}

const heldIn = ({ shards }: Decision) => shards.filter(({ released }) => !released).map(({ path }) => path);

describe('fitting what a batch without trusted rows is judged by', () => {
  it('happens once for the same shards, and has all of them assessed by it', async () => {
    const batch = await digested('once');
    const first = await fitted(batch);
    const written = filesIn('vault/fits');
    expect(await fitted(batch)).toEqual(first);
    expect(filesIn('vault/fits')).toEqual(written);
    expect(queued.slice(-2).map((one) => [one.fit, one.shards])).toEqual(
      Array(2).fill([first.fit, digestedShards(batch)]),
    );
    expect(heldIn(await decided(batch, first))).toEqual(['b.csv']);
  });

  it('is the same for two that race', async () => {
    const batch = await digested('raced');
    const [one, other] = await Promise.all([fitted(batch), fitted(batch)]);
    expect(other).toEqual(one);
  });

  it('leaves out a shard that has changed since its rows were told apart, and that shard is held', async () => {
    const batch = await digested('changed');
    const [before] = batch.shards;
    const text = readFileSync(at('in/changed/a.csv'), 'utf8');
    const [header, ...lines] = text.split('\n');
    writeFileSync(at('in/changed/a.csv'), [header, ...lines.reverse()].join('\n'));
    const own = await fitted(batch);
    expect(own.fit).not.toBeNull();
    const decision = await decided(batch, own);
    expect(decision.shards.map(({ path }) => path)).toContain(before?.path);
    expect(heldIn(decision)).toEqual(['a.csv', 'b.csv']);
  });

  it('fits nothing on a batch that is at fault as a whole, and says what the fault is', async () => {
    const batch = await digested('few', ['a']);
    const none = await fitted({ ...batch, done: [{ path: 'a.csv', sha256: null, unread: 'it has too many bytes' }] });
    expect(none).toEqual({ fit: null, fault: expect.stringContaining('it has too many bytes'), unread: [] });
    const lost = await fitJob(around, batch.job, { done: [], failureOf: () => 'the disk is full' });
    expect(lost).toMatchObject({ fit: null, unread: ['a.csv'] });
    await decideJob(around, batch.job, { done: [], fitted: lost, failureOf: () => undefined });
    const judgement = currentJudgement(await readRecords(fileStore, dataset.vault, 'few'));
    expect(judgement?.shards).toEqual([{ path: 'a.csv', sha256: null, unassessed: true, released: false }]);
  });

  it('leaves nothing on the disk of a worker for batches that are long decided on', async () => {
    for (const batch of ['first', 'second', 'third', 'fourth']) {
      const own = await digested(batch, ['a', 'c']);
      await decided(own, await fitted(own));
    }
    // Of the plan, and of the fits, those that were used last.
    expect(readdirSync(at('benches'))).toHaveLength(2);
  });

  it('judges by no other fit than the one that was written', async () => {
    const batch = await digested('tampered');
    const own = await fitted(batch);
    const content = readFileSync(fitFile(own));
    writeFileSync(fitFile(own), 'forged');
    const [shard] = batch.shards;
    const assess = () => assessJob(around, { ...batch.job, fit: own.fit as Fit, shard: shard as SealedShard });
    const before = readdirSync(at('benches'));
    await expect(assess()).rejects.toMatchObject({ code: 'RECORD_DAMAGED' });
    // Nothing of what could not be opened is left, and nothing of it is remembered.
    expect(readdirSync(at('benches'))).toEqual(before);
    writeFileSync(fitFile(own), content);
    expect(await assess()).toMatchObject({ unread: null, fit: own.fit?.sha256 });
  });

  it.each([
    ['another fit', () => Buffer.from('forged')],
    ['half of it', (content: Buffer) => content.subarray(0, content.length / 2)],
  ])('has no shard assessed where %s lies in its place already', async (what, planted) => {
    const batch = await digested(`planted ${what}`, ['a', 'c']);
    const own = await fitted(batch);
    const content = readFileSync(fitFile(own));
    writeFileSync(fitFile(own), planted(content));
    const before = queued.length;
    await expect(fitted(batch)).rejects.toMatchObject({
      code: 'RECORD_DAMAGED',
      message: expect.stringContaining(fitFile(own)),
    });
    expect(queued).toHaveLength(before);
    rmSync(fitFile(own));
    expect(await fitted(batch)).toEqual(own);
  });

  it('leaves out a shard over whose second reading alone its process dies; two fits of a batch share no results', async () => {
    const batch = await digested('deadly');
    deadly.add('c.csv');
    const without = await fitted(batch);
    deadly.clear();
    const whole = await fitted(batch);
    expect(without).toEqual({ fit: expect.anything(), fault: null });
    expect(without.fit).not.toEqual(whole.fit);
    const assess = (by: typeof whole) =>
      Promise.all(batch.shards.map((shard) => assessJob(around, { ...batch.job, fit: by.fit as Fit, shard })));
    const before = filesIn('vault/results').length;
    await assess(whole);
    expect(filesIn('vault/results')).toHaveLength(before + batch.shards.length);
    // It can be assessed all the same, and so is no worse than any other.
    expect(heldIn(await decided(batch, without))).toEqual(['b.csv']);
    expect(filesIn('vault/results')).toHaveLength(before + 2 * batch.shards.length);
  });

  it('is judged by its own plan where another one is fitted to the same bytes', async () => {
    const batch = await digested('replanned', ['a', 'c']);
    const first = await fitted(batch);
    const observed = { ...dataset, policy: { ...dataset.policy, mode: 'observe' as const } };
    const job = { ...batch.job, plan: await storePlan(fileStore, observed, 'wasm') };
    const done = await Promise.all(batch.shards.map((shard) => digestJob(around, { ...job, shard })));
    const again = await fitted({ ...batch, job, done });
    expect(again).toEqual(first);
    const plans = [batch.job, job].map((one) => {
      const judgedBy = { ...one, fit: first.fit as Fit };
      return around.benches.use(dataset.vault, judgedBy, async ({ plan }) => plan.policy.mode);
    });
    expect(await Promise.all(plans)).toEqual(['enforce', 'observe']);
  });
});
