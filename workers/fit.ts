import { tmpdir } from 'node:os';
import { fitApart } from '../src/assess/index.js';
import { keepFit, readRecords, readSeal } from '../src/batch/index.js';
import { datasetOf } from '../src/config/index.js';
import { sealNow } from '../src/enforce/index.js';
import { Bug } from '../src/errors.js';
import type { BatchJob, Digested, FittedJob } from '../src/queue/index.js';
import { withScratch } from '../src/store/index.js';
import { type DigestedBatch, digestedShards, sampleDigested } from './digested-batch.js';
import { isFaultOfBatch } from './held-batch.js';
import type { Surroundings } from './surroundings.js';
import type { Workbench } from './workbench.js';

/**
 * Fits what a batch without trusted rows is judged by, and has its shards assessed by it. A batch that nothing can be fitted on is at fault as a whole.
 * @throws BadInput RECORD_DAMAGED; Transient READ_FAILED, WRITE_FAILED, SPOOL_FULL, PROCESS_DIED, QUEUE_FAILED
 */
export async function fitJob(around: Surroundings, job: BatchJob, digested: Digested): Promise<FittedJob> {
  const { store, config, benches, queue, spool } = around;
  const dataset = datasetOf(config, job.dataset);
  const { vault } = dataset;
  const sealed = await readSeal(store, vault, job.batch);
  if (sealed === undefined) throw new Bug(`batch ${job.batch} is not sealed`);
  const seal = await sealNow(store, dataset, sealed, await readRecords(store, vault, job.batch));
  const shards = digestedShards(seal.shards, digested);
  try {
    const content = await benches.use(vault, job, (bench) =>
      fitOn({ store, vault, room: spool, batch: job.batch, shards }, bench),
    );
    // The same shards are fitted to the same bytes.
    const fit = { sha256: await keepFit(store, vault, job, content) };
    await queue.addAssessments(
      job,
      shards.map(({ shard, sha256 }) => ({ shard, digested: sha256 ?? undefined })),
      fit,
    );
    return { fit, fault: null };
  } catch (error) {
    if (!isFaultOfBatch(error)) throw error;
    const unread = seal.shards.map(({ path }) => path).filter((path) => digested.failureOf(path) !== undefined);
    return { fit: null, fault: error.message, unread };
  }
}

function fitOn(batch: Omit<DigestedBatch, 'plan'>, { plan, backend, crew }: Workbench): Promise<Uint8Array> {
  const { columns } = plan;
  return withScratch(tmpdir(), (scratch) =>
    crew.host(async () => {
      const resources = { crew, scratch, columns, backend };
      const sample = await sampleDigested({ ...batch, plan }, resources);
      // Fitting takes memory of its own, and one process.
      await crew.rest(1);
      return fitApart(sample, resources);
    }),
  );
}
