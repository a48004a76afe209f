import { tmpdir } from 'node:os';
import { deserialize } from 'node:v8';
import { type DigestedShard, sampleDigested, unsampled, withCrew } from '../src/assess/index.js';
import { encodeBaseline } from '../src/baseline/index.js';
import { below, digestsPath, fitName, fitPath, readRecords, readSeal } from '../src/batch/index.js';
import { datasetOf } from '../src/config/index.js';
import { sealNow } from '../src/enforce/index.js';
import { Bug, Transient } from '../src/errors.js';
import { fitOwn } from '../src/pipeline.js';
import type { BatchJob, Digested, Fit, FittedJob } from '../src/queue/index.js';
import type { Seal, SealedShard } from '../src/schema/index.js';
import { mapAtOnce, sha256Of, withScratch } from '../src/store/index.js';
import { isFaultOfBatch } from './held-batch.js';
import type { Surroundings } from './surroundings.js';
import { hashNow } from './unchanged.js';
import type { Workbench } from './workbench.js';

/**
 * Fits what a batch without trusted rows is judged by, and has its shards assessed by it. Of several tries the first one's
 * fit holds; a batch that nothing can be fitted on is at fault as a whole.
 * @throws Transient READ_FAILED, WRITE_FAILED, PROCESS_DIED, QUEUE_FAILED
 */
export async function fitJob(around: Surroundings, job: BatchJob, digested: Digested): Promise<FittedJob> {
  const { store, config, benches, queue } = around;
  const dataset = datasetOf(config, job.dataset);
  const { vault } = dataset;
  const sealed = await readSeal(store, vault, job.batch);
  if (sealed === undefined) throw new Bug(`batch ${job.batch} is not sealed`);
  const seal = await sealNow(store, dataset, sealed, await readRecords(store, vault, job.batch));
  try {
    const { plan } = job;
    const fit = await benches.use(vault, { plan }, (bench) => fitOnce({ store, vault, bench, seal, digested }));
    await queue.addAssessments(job, seal.shards, fit);
    return { fit, fault: null };
  } catch (error) {
    if (!isFaultOfBatch(error)) throw error;
    return { fit: null, fault: error.message };
  }
}

interface Fitting extends Pick<Surroundings, 'store'> {
  readonly vault: string;
  readonly bench: Workbench;
  readonly seal: Seal;
  readonly digested: Digested;
}

async function fitOnce(fitting: Fitting): Promise<Fit> {
  const { store, vault, bench, seal, digested } = fitting;
  const byPath = new Map(digested.done.map(({ path, sha256 }) => [path, sha256]));
  const shards = seal.shards.map(({ path }) => ({ path, sha256: byPath.get(path) ?? null }));
  const name = fitName(bench.plan.name, shards);
  if ((await store.find(vault, fitPath(name))) === undefined) {
    await store.create(vault, fitPath(name), await fitted(fitting));
  }
  return { name, sha256: sha256Of(await store.read(below(vault, fitPath(name)))) };
}

async function fitted(fitting: Fitting): Promise<Uint8Array> {
  const { columns } = fitting.bench.plan;
  const known = await gatherDigested(fitting);
  return encodeBaseline(fitOwn(await sampleUnchanged(fitting, known), columns).baseline);
}

/** The digests of all rows of a large shard are large. */
const READ_AT_ONCE = 4;

function gatherDigested({ store, vault, bench, seal, digested }: Fitting): Promise<DigestedShard[]> {
  const byPath = new Map(digested.done.map((done) => [done.path, done]));
  const bring = async ({ path }: SealedShard): Promise<DigestedShard> => {
    const { sha256 = null, unread = null } = byPath.get(path) ?? {};
    if (sha256 === null) return leftOut(`${path}: ${unread ?? digested.failureOf(path) ?? 'nobody knows why'}`);
    return deserialize(await store.read(below(vault, digestsPath(bench.plan.name, path, sha256)))) as DigestedShard;
  };
  return mapAtOnce(seal.shards, bring, READ_AT_ONCE);
}

function leftOut(fault: string): DigestedShard {
  return { hash: null, sampled: unsampled(fault) };
}

/** Rows are read again: shards that are no longer what was digested are left out, and held when they are assessed. */
async function sampleUnchanged(fitting: Fitting, known: readonly DigestedShard[]) {
  try {
    return await sampleBy(fitting, known);
  } catch (error) {
    if (!(error instanceof Transient) || error.code !== 'READ_FAILED') throw error;
    const { store, seal } = fitting;
    const unchanged = await mapAtOnce(seal.shards, async (shard, number) => {
      const one = known[number] as DigestedShard;
      return one.hash === null || (await hashNow(store, shard)) === one.hash
        ? one
        : leftOut(`${shard.path} has changed`);
    });
    if (unchanged.every((one, number) => one === known[number])) throw error;
    return sampleBy(fitting, unchanged);
  }
}

function sampleBy({ store, bench: { plan, backend }, seal }: Fitting, known: readonly DigestedShard[]) {
  const { columns, policy } = plan;
  const { limits } = policy;
  return withScratch(tmpdir(), (scratch) =>
    withCrew(limits, (crew) => {
      const job = { store, crew, columns, backend, processes: 0, limits, scratch, path: seal.batch };
      return sampleDigested(seal.shards, known, { ...job, onProgress: () => {} });
    }),
  );
}
