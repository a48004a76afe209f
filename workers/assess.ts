import { dropResult, packResult, SHARD_CHANGED, type ShardAssessment, withoutPath } from '../src/assess/index.js';
import { resultPath } from '../src/batch/index.js';
import { datasetOf } from '../src/config/index.js';
import { BadInput, Bug } from '../src/errors.js';
import { verdictName } from '../src/gate/index.js';
import { copyShard, type HashedCopy } from '../src/intake/index.js';
import type { AssessedJob, AssessJob } from '../src/queue/index.js';
import type { Surroundings } from './surroundings.js';
import type { Workbench } from './workbench.js';

let shardsSoFar = 0;

/** Assesses one shard, unless its result is there. @throws as withCopy */
export function assessJob(around: Surroundings, job: AssessJob): Promise<AssessedJob> {
  const { vault } = datasetOf(around.config, job.dataset);
  return withCopy(around, job, (copy, bench) => saveResult(around, { job, vault, bench }, copy));
}

/**
 * Has a copy of one shard worked on in a watched process that reaches nothing else; what cannot be read is told as that.
 * @throws Transient SPOOL_FULL, READ_FAILED, WRITE_FAILED, PROCESS_DIED, PLAN_OF_OTHER_VERSION
 */
export async function withCopy(
  { store, config, benches, spool }: Surroundings,
  job: AssessJob,
  work: (copy: HashedCopy['shard'], bench: Workbench) => Promise<void>,
): Promise<AssessedJob> {
  const { fit, shard, digested } = job;
  const { vault } = datasetOf(config, job.dataset);
  const { path } = shard;
  const judgedBy = fit === undefined ? {} : { fit: fit.sha256 };
  const unreadFor = (unread: string): AssessedJob => ({ path, sha256: null, unread, ...judgedBy });
  if (path === verdictName(1)) return unreadFor('its name is kept for the verdict on the batch');
  // Before a bench is opened, which takes room as well. What is too large is refused before it is copied.
  return spool.withRoom(shard.bytes, () =>
    benches.use(vault, job, async (bench) => {
      try {
        const copy = await copyShard({ store, limits: bench.plan.policy.limits, scratch: bench.folder }, shard);
        const { sha256 } = copy.shard;
        const isReplaced = digested !== undefined && digested !== sha256;
        await (isReplaced ? Promise.resolve() : work(copy.shard, bench)).finally(copy.discard);
        if (isReplaced) return unreadFor(SHARD_CHANGED);
        return { path, sha256, unread: null, ...judgedBy };
      } catch (error) {
        if (!(error instanceof BadInput) || error.code !== 'SHARD_UNREADABLE') throw error;
        return unreadFor(withoutPath(error.message, path));
      }
    }),
  );
}

interface Place {
  readonly job: AssessJob;
  readonly vault: string;
  readonly bench: Workbench;
}

async function saveResult(
  { store, meter, turns }: Pick<Surroundings, 'store' | 'meter' | 'turns'>,
  { job, vault, bench: { opened, assessor, folder } }: Place,
  shard: HashedCopy['shard'],
): Promise<void> {
  const result = resultPath(job, shard.path, shard.sha256);
  if (!job.isNew && (await store.find(vault, result)) !== undefined) return;
  if (opened === null) throw new Bug('a shard was to be assessed before anything was fitted');
  const number = shardsSoFar++;
  let assessment: ShardAssessment;
  try {
    assessment = await turns(() => assessor.assess(shard, number));
    await packResult(folder, number, assessment, (bundle) => store.create(vault, result, bundle));
  } finally {
    await dropResult(folder, number);
  }
  meter.onAssessed(job.dataset, { rows: assessment.rows ?? 0, bytes: shard.bytes });
}
