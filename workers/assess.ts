import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packResult, withoutPath } from '../src/assess/index.js';
import { resultPath } from '../src/batch/index.js';
import { datasetOf } from '../src/config/index.js';
import { BadInput, Bug } from '../src/errors.js';
import { verdictName } from '../src/gate/index.js';
import { type PinnedShard, pinShard } from '../src/intake/index.js';
import type { AssessedJob, AssessJob } from '../src/queue/index.js';
import { orWriteFailed } from '../src/store/index.js';
import type { Surroundings } from './surroundings.js';
import type { Workbench } from './workbench.js';

let shardsSoFar = 0;

/** Assesses one shard in a watched process of its own, unless its result is there; what cannot be read is told as that. */
export async function assessJob(around: Surroundings, { dataset, plan, shard }: AssessJob): Promise<AssessedJob> {
  const { store, config, benches, meter } = around;
  const { vault } = datasetOf(config, dataset);
  const { path } = shard;
  if (path === verdictName(1)) return { path, sha256: null, unread: 'its name is kept for the verdict on the batch' };
  return benches.use(vault, plan, async (bench) => {
    try {
      const pinned = await pinShard(store, shard, bench.plan.policy.limits);
      const result = resultPath(plan, path, pinned.sha256);
      if ((await store.find(vault, result)) === undefined) {
        const { rows, packed } = await assess(pinned, bench);
        await store.create(vault, result, packed);
        meter.onAssessed(dataset, { rows: rows ?? 0, bytes: pinned.bytes });
      }
      return { path, sha256: pinned.sha256, unread: null };
    } catch (error) {
      if (!(error instanceof BadInput) || error.code !== 'SHARD_UNREADABLE') throw error;
      return { path, sha256: null, unread: withoutPath(error.message, path) };
    }
  });
}

/** Spooled to a file: the process that parses it reaches nothing else. */
async function assess({ path, content, bytes, sha256 }: PinnedShard, { trusted, folder }: Workbench) {
  if (trusted === null) throw new Bug('a shard was to be assessed without a baseline');
  const number = shardsSoFar++;
  const uri = join(folder, `shard-${number}`);
  await orWriteFailed(uri, () => writeFile(uri, content));
  try {
    const assessment = await trusted.assessor.assess({ path, uri, bytes, sha256 }, number);
    return { rows: assessment.rows, packed: await packResult(folder, number, assessment) };
  } finally {
    await rm(uri, { force: true });
  }
}
