import { dropResult, packResult, type ShardAssessment, withoutPath } from '../src/assess/index.js';
import { resultPath } from '../src/batch/index.js';
import { datasetOf } from '../src/config/index.js';
import { BadInput, Bug } from '../src/errors.js';
import { verdictName } from '../src/gate/index.js';
import { copyShard, type HashedCopy } from '../src/intake/index.js';
import type { AssessedJob, AssessJob } from '../src/queue/index.js';
import type { Surroundings } from './surroundings.js';
import type { Workbench } from './workbench.js';

let shardsSoFar = 0;

/**
 * Assesses one shard in a watched process of its own, unless its result is there; what cannot be read is told as that. The
 * process reads a copy and reaches nothing else.
 */
export async function assessJob(around: Surroundings, { dataset, plan, shard }: AssessJob): Promise<AssessedJob> {
  const { store, config, benches, spool } = around;
  const { vault } = datasetOf(config, dataset);
  const { path } = shard;
  if (path === verdictName(1)) return { path, sha256: null, unread: 'its name is kept for the verdict on the batch' };
  // Before a bench is opened, which takes room as well. What is larger is refused before it is copied.
  const bytes = Math.min(shard.bytes, config.worker.spoolBytes);
  return spool.withRoom(bytes, () =>
    benches.use(vault, plan, async (bench) => {
      try {
        const copy = await copyShard({ store, limits: bench.plan.policy.limits, scratch: bench.folder }, shard);
        await saveResult(around, { dataset, vault, bench }, copy.shard).finally(copy.discard);
        return { path, sha256: copy.shard.sha256, unread: null };
      } catch (error) {
        if (!(error instanceof BadInput) || error.code !== 'SHARD_UNREADABLE') throw error;
        return { path, sha256: null, unread: withoutPath(error.message, path) };
      }
    }),
  );
}

interface Place {
  readonly dataset: string;
  readonly vault: string;
  readonly bench: Workbench;
}

async function saveResult(
  { store, meter }: Pick<Surroundings, 'store' | 'meter'>,
  { dataset, vault, bench: { plan, trusted, folder } }: Place,
  shard: HashedCopy['shard'],
): Promise<void> {
  const result = resultPath(plan.name, shard.path, shard.sha256);
  if ((await store.find(vault, result)) !== undefined) return;
  if (trusted === null) throw new Bug('a shard was to be assessed without a baseline');
  const number = shardsSoFar++;
  let assessment: ShardAssessment;
  try {
    assessment = await trusted.assessor.assess(shard, number);
    await store.create(vault, result, await packResult(folder, number, assessment));
  } finally {
    await dropResult(folder, number);
  }
  meter.onAssessed(dataset, { rows: assessment.rows ?? 0, bytes: shard.bytes });
}
