import { serialize } from 'node:v8';
import { digestsPath } from '../src/batch/index.js';
import { datasetOf } from '../src/config/index.js';
import type { AssessedJob, ShardJob } from '../src/queue/index.js';
import { withCopy } from './assess.js';
import type { Surroundings } from './surroundings.js';

/** Tells the rows of one shard apart, for the fit of its batch, unless that is done already. @throws as withCopy */
export function digestJob(around: Surroundings, job: ShardJob): Promise<AssessedJob> {
  const { store, config } = around;
  const { vault } = datasetOf(config, job.dataset);
  return withCopy(around, job, async (copy, { assessor }) => {
    const path = digestsPath(job, copy.path, copy.sha256);
    if (!job.isNew && (await store.find(vault, path)) !== undefined) return;
    await store.create(vault, path, serialize(await assessor.digest(copy)));
  });
}
