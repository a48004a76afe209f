import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { currentJudgement, findArrival, readRecords, readSeal, sealArrival, storePlan } from '../../src/batch/index.js';
import { type Dataset, loadConfig } from '../../src/config/index.js';
import type { AssessedJob, AssessJob, BatchJob, Fit, JobQueue } from '../../src/queue/index.js';
import type { Decision, SealedShard } from '../../src/schema/index.js';
import { fileStore } from '../../src/store/index.js';
import { assessJob } from '../../workers/assess.js';
import { decideJob } from '../../workers/decide.js';
import { digestJob } from '../../workers/digest.js';
import { fitJob } from '../../workers/fit.js';
import { openSpool } from '../../workers/spool.js';
import type { Surroundings } from '../../workers/surroundings.js';
import { openWorkbenches } from '../../workers/workbench.js';
import { tabularCsv, writeFiles } from '../assess/batch.js';
import { temporaryFolder } from '../temporary-folder.js';

const at = temporaryFolder();
const meter: Surroundings['meter'] = { onAssessed: () => {}, onHeld: () => {}, onSpent: () => {} };
const queued: { readonly shards: readonly Pick<AssessJob, 'shard' | 'digested'>[]; readonly fit: Fit }[] = [];
const addAssessments: JobQueue['addAssessments'] = async (_, shards, fit) => void queued.push({ shards, fit });
let around: Surroundings;
let dataset: Dataset;

beforeAll(async () => {
  const roots = { incoming: 'in', released: 'released', quarantine: 'quarantine', vault: 'vault' };
  await writeFiles(at(), { 'config.json': JSON.stringify({ datasets: { d: { ...roots, mode: 'enforce' } } }) });
  const config = loadConfig(at('config.json'));
  const spool = openSpool({ folder: at(), capacityBytes: 2 ** 31, onHeld: () => {} });
  const benches = openWorkbenches(fileStore, at('benches'), meter);
  const queue = { addAssessments } as JobQueue;
  around = { store: fileStore, config, queue, benches, meter, spool, swept: new Map() };
  dataset = config.datasets.get('d') as Dataset;
});
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

const heldIn = ({ shards }: Decision) => shards.filter(({ released }) => !released).map(({ path }) => path);

describe('fitting what a batch without trusted rows is judged by', () => {
  it('happens once for the same shards, and has all of them assessed by it', async () => {
    const batch = await digested('once');
    const first = await fitted(batch);
    const written = readdirSync(at('vault/fits'));
    expect(await fitted(batch)).toEqual(first);
    expect(readdirSync(at('vault/fits'))).toEqual(written);
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
    expect(none).toEqual({ fit: null, fault: expect.stringContaining('it has too many bytes') });
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
    const { fit: own } = await fitted(batch);
    writeFileSync(at('vault/fits', own?.sha256 ?? ''), 'forged');
    const [shard] = batch.shards;
    await expect(
      assessJob(around, { ...batch.job, fit: own as Fit, shard: shard as SealedShard }),
    ).rejects.toMatchObject({
      code: 'RECORD_DAMAGED',
    });
  });
});
