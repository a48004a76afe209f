import { type FlowNestedLeafJob, FlowProducer, type JobsOptions, Queue } from 'bullmq';
import type { SealedShard } from '../schema/index.js';
import { type FailedBatch, failedBatches, hasFailed, oldestBatches } from './batches.js';
import { hastyConnection, orQueueFailed, patientConnection } from './connection.js';
import { type BatchJob, jobId, queueName, type Stage, type SweepJob, stages } from './jobs.js';

/** Jobs of a stage by state. */
export type JobCounts = Readonly<Record<'waiting' | 'active' | 'delayed' | 'failed' | 'waiting-children', number>>;

/** Where work is put for workers to take. All throw Transient QUEUE_FAILED. */
export interface JobQueue {
  /**
   * Queues everything that judging a batch takes; false where that is queued already, or has failed and `isRetried` is
   * false. Without shards it is decided at once.
   */
  addBatch(batch: BatchJob, shards: readonly SealedShard[], options: { readonly isRetried: boolean }): Promise<boolean>;
  /** Queues what follows from a review. */
  addEnforcement(batch: BatchJob, record: number): Promise<void>;
  addSweep(sweep: SweepJob): Promise<void>;
  /** Has a dataset looked through again and again. */
  keepSweeping(dataset: string, everySeconds: number): Promise<void>;
  counts(): Promise<Readonly<Record<Stage, JobCounts>>>;
  /** Dataset → when the first of its batches that are not done was queued, in ms since 1970. */
  oldestBatches(): Promise<ReadonlyMap<string, number>>;
  /** Batches whose work has failed for good, so that nobody goes on with it. */
  failedBatches(): Promise<FailedBatch[]>;
  close(): Promise<void>;
}

const FAILED_KEPT_SECONDS = 14 * 24 * 3600;
const FIRST_BACKOFF_MS = 500;

/** Opens the queue at a Redis address; `attempts` is how often a job is tried, `waits` whether to wait for a lost Redis. */
export function openQueue(url: string, { attempts, waits }: { attempts: number; waits: boolean }): JobQueue {
  const connection = waits ? patientConnection(url) : hastyConnection(url);
  const flows = new FlowProducer({ connection });
  const queues = new Map(stages.map((stage) => [stage, new Queue(queueName(stage), { connection })]));
  // Each failure is told to whoever asked; without a listener the first would end the process.
  flows.on('error', () => {});
  for (const queue of queues.values()) queue.on('error', () => {});
  const queueOf = (stage: Stage) => queues.get(stage) as Queue;
  const common = {
    attempts,
    backoff: { type: 'exponential', delay: FIRST_BACKOFF_MS },
    removeOnComplete: true,
  } as const;
  return {
    addBatch: (batch, shards, { isRetried }) =>
      orQueueFailed(async () => {
        const id = jobId('enforce', batch);
        const job = await queueOf('enforce').getJob(id);
        if (job !== undefined && !(isRetried && (await hasFailed(job)))) return false;
        await job?.remove({ removeChildren: true });
        await flows.add(flowOf(batch, shards, common));
        return true;
      }),
    addEnforcement: (batch, record) =>
      orQueueFailed(async () => {
        const options = { ...common, ...KEPT_WHEN_FAILED, jobId: jobId('enforce', batch, String(record)) };
        await queueOf('enforce').add('enforce', batch, options);
      }),
    addSweep: (sweep) =>
      orQueueFailed(async () => {
        const deduplication = { id: jobId('sweep', { dataset: sweep.dataset, batch: sweep.folder ?? '', plan: '' }) };
        await queueOf('sweep').add('sweep', sweep, { ...common, removeOnFail: true, deduplication });
      }),
    keepSweeping: (dataset, everySeconds) =>
      orQueueFailed(async () => {
        const job = {
          name: 'sweep',
          data: { dataset, folder: null },
          opts: { removeOnComplete: true, removeOnFail: true },
        };
        await queueOf('sweep').upsertJobScheduler(`sweep-${dataset}`, { every: everySeconds * 1000 }, job);
      }),
    counts: () =>
      orQueueFailed(async () => {
        const counted = stages.map(async (stage) => [stage, await countJobs(queueOf(stage))] as const);
        return Object.fromEntries(await Promise.all(counted)) as Record<Stage, JobCounts>;
      }),
    oldestBatches: () => orQueueFailed(() => oldestBatches(queueOf('enforce'))),
    failedBatches: () => orQueueFailed(() => failedBatches(queueOf('decide'), queueOf('enforce'))),
    close: async () => {
      await Promise.allSettled([flows, ...queues.values()].map((one) => one.close()));
    },
  };
}

const KEPT_WHEN_FAILED = { removeOnFail: { age: FAILED_KEPT_SECONDS } } as const;

/** Shards are assessed, then the batch is decided on, whatever became of them, then what was decided is done. */
function flowOf(batch: BatchJob, shards: readonly SealedShard[], common: JobsOptions) {
  const jobOf = (stage: Stage, data: object, options: JobsOptions, more?: string): FlowNestedLeafJob => ({
    name: stage,
    queueName: queueName(stage),
    data,
    opts: { ...common, ...options, jobId: jobId(stage, batch, more) },
  });
  const assess = shards.map((shard) =>
    jobOf('assess', { ...batch, shard }, { removeOnFail: true, ignoreDependencyOnFailure: true }, shard.path),
  );
  const decide = jobOf('decide', batch, { ...KEPT_WHEN_FAILED, failParentOnFailure: true });
  const root = jobOf('enforce', batch, KEPT_WHEN_FAILED);
  return { ...root, children: [assess.length === 0 ? decide : { ...decide, children: assess }] };
}

async function countJobs(queue: Queue): Promise<JobCounts> {
  const counts = await queue.getJobCounts('wait', 'active', 'delayed', 'failed', 'waiting-children');
  const of = (state: string) => counts[state] ?? 0;
  return {
    waiting: of('wait') + of('waiting'),
    active: of('active'),
    delayed: of('delayed'),
    failed: of('failed'),
    'waiting-children': of('waiting-children'),
  };
}
