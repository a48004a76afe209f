import { tmpdir } from 'node:os';
import { deserialize } from 'node:v8';
import {
  type ChosenShard,
  chooseFrom,
  type DigestedShard,
  type Drawn,
  keyOf,
  sampleChosen,
  unsampled,
  withCrew,
} from '../src/assess/index.js';
import { encodeBaseline, type SampledTable } from '../src/baseline/index.js';
import { below, digestsPath, fitPath, readRecords, readSeal } from '../src/batch/index.js';
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
 * Fits what a batch without trusted rows is judged by, and has its shards assessed by it. A batch that nothing can be fitted on is at fault as a whole.
 * @throws Transient READ_FAILED, WRITE_FAILED, PROCESS_DIED, QUEUE_FAILED
 */
export async function fitJob(around: Surroundings, job: BatchJob, digested: Digested): Promise<FittedJob> {
  const { store, config, benches, queue, spool } = around;
  const dataset = datasetOf(config, job.dataset);
  const { vault } = dataset;
  const sealed = await readSeal(store, vault, job.batch);
  if (sealed === undefined) throw new Bug(`batch ${job.batch} is not sealed`);
  const seal = await sealNow(store, dataset, sealed, await readRecords(store, vault, job.batch));
  try {
    const { plan } = job;
    const fit = await benches.use(vault, { plan }, (bench) => fitOn({ store, spool, vault, bench, seal, digested }));
    const shaOf = digestsOf(digested);
    const shards = seal.shards.map((shard) => ({ shard, digested: shaOf.get(shard.path) }));
    await queue.addAssessments(job, shards, fit);
    return { fit, fault: null };
  } catch (error) {
    if (!isFaultOfBatch(error)) throw error;
    return { fit: null, fault: error.message };
  }
}

interface Fitting extends Pick<Surroundings, 'store' | 'spool'> {
  readonly vault: string;
  readonly bench: Workbench;
  readonly seal: Seal;
  readonly digested: Digested;
}

/** The same shards are fitted to the same bytes, which are stored under their digest: nothing else can take their place. */
async function fitOn(fitting: Fitting): Promise<Fit> {
  const { store, vault, bench } = fitting;
  const content = encodeBaseline(fitOwn(await sampleReadable(fitting), bench.plan.columns).baseline);
  const sha256 = sha256Of(content);
  await store.create(vault, fitPath(sha256), content);
  return { sha256 };
}

/** Rows are read again: shards of which that fails, or that are no longer what was digested, are left out of the sample. */
async function sampleReadable(fitting: Fitting): Promise<SampledTable> {
  const left = new Map<number, string>();
  for (;;) {
    const drawn = await orChanged(fitting, left, async () => drawBy(fitting, await gatherChosen(fitting, left)));
    if ('sample' in drawn) return drawn.sample;
    for (const [number, why] of drawn.lost) left.set(number, why);
  }
}

/** The digests of all rows of a large shard are large: they go once its rows are chosen. */
const READ_AT_ONCE = 4;

interface Chosen {
  readonly key: string;
  readonly shards: readonly ChosenShard[];
}

async function gatherChosen(
  { store, vault, bench, seal, digested }: Fitting,
  left: ReadonlyMap<number, string>,
): Promise<Chosen> {
  const unread = new Map(digested.done.map((done) => [done.path, done.unread]));
  const shaOf = digestsOf(digested);
  const key = keyOf(seal.shards.flatMap(({ path }, number) => (left.has(number) ? [] : (shaOf.get(path) ?? []))));
  const bring = async ({ path }: SealedShard, number: number): Promise<ChosenShard> => {
    const sha256 = shaOf.get(path);
    const why = left.get(number) ?? unread.get(path) ?? digested.failureOf(path) ?? 'nobody knows why';
    if (sha256 === undefined || left.has(number)) return leftOut(`${path}: ${why}`);
    const object = await store.read(below(vault, digestsPath(bench.plan.name, path, sha256)));
    return chooseFrom(deserialize(object) as DigestedShard, key);
  };
  return { key, shards: await mapAtOnce(seal.shards, bring, READ_AT_ONCE) };
}

/** SHA-256 of the shards that could be read, by path. */
function digestsOf({ done }: Digested): ReadonlyMap<string, string> {
  return new Map(done.flatMap(({ path, sha256 }) => (sha256 === null ? [] : [[path, sha256] as const])));
}

function leftOut(fault: string): ChosenShard {
  return { sampled: unsampled(fault), rows: new Int32Array(0) };
}

/** A store that keeps no versions says of a shard that was replaced that it cannot be read. */
async function orChanged(
  { store, seal, digested }: Fitting,
  left: ReadonlyMap<number, string>,
  draw: () => Promise<Drawn>,
): Promise<Drawn> {
  try {
    return await draw();
  } catch (error) {
    if (!(error instanceof Transient) || error.code !== 'READ_FAILED') throw error;
    const shaOf = digestsOf(digested);
    const states = await mapAtOnce(seal.shards, async (shard, number) => {
      const sha256 = shaOf.get(shard.path);
      const isSame = sha256 === undefined || left.has(number) || (await hashNow(store, shard)) === sha256;
      return isSame ? [] : [[number, 'it has changed since its rows were told apart'] as const];
    });
    const lost = new Map(states.flat());
    if (lost.size === 0) throw error;
    return { lost };
  }
}

function drawBy(
  { store, spool: room, bench: { plan, backend }, seal }: Fitting,
  { key, shards }: Chosen,
): Promise<Drawn> {
  const { columns, policy } = plan;
  const { limits } = policy;
  return withScratch(tmpdir(), (scratch) =>
    withCrew(limits, (crew) => {
      const job = { store, crew, columns, backend, processes: 0, limits, scratch, room, path: seal.batch };
      return sampleChosen(seal.shards, shards, key, { ...job, onProgress: () => {} });
    }),
  );
}
