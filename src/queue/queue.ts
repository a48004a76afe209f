import { type FlowJob, type FlowNestedLeafJob, FlowProducer, type JobsOptions, Queue } from 'bullmq';
import type { SealedShard } from '../schema/index.js';
import { type FailedBatch, failedBatches, forgetFailed, hasFailed, oldestBatches } from './batches.js';
import { hastyConnection, orQueueFailed, patientConnection } from './connection.js';
import {
  type AssessJob,
  type BatchJob,
  type Fit,
  jobId,
  type NoticeJob,
  queueName,
  type Stage,
  type SweepJob,
  shardIn,
  stageOf,
  stages,
  type Task,
} from './jobs.js';
import { openProbe } from './probe.js';

/** Jobs of a stage by state. */
export type JobCounts = Readonly<Record<'waiting' | 'active' | 'delayed' | 'failed' | 'waiting-children', number>>;

/** Where work is put for workers to take. All throw Transient QUEUE_FAILED. */
export interface JobQueue {
  /**
   * Queues everything that judging a batch takes; false where that is queued already, or has failed and `isRetried` is
   * false. Without shards it is decided at once; `isFitted`: what they are judged by comes from them first; `isNew`: nothing
   * can be known of them yet.
   */
  addBatch(batch: BatchJob, shards: readonly SealedShard[], options: BatchOptions): Promise<boolean>;
  /** Queues what a batch waits for that is being fitted: its shards, to be judged by that. */
  addAssessments(batch: BatchJob, shards: readonly DigestedShard[], fit: Fit): Promise<void>;
  /** Queues what follows from a review. */
  addEnforcement(batch: BatchJob, record: number): Promise<void>;
  /** Queues telling of a batch that was settled by that record; false as of addBatch. */
  addNotice(notice: NoticeJob, settled: number, options: Pick<BatchOptions, 'isRetried'>): Promise<boolean>;
  addSweep(sweep: SweepJob): Promise<void>;
  /** Has a dataset looked through again and again. */
  keepSweeping(dataset: string, everySeconds: number): Promise<void>;
  /** Whether it is. */
  isSwept(dataset: string): Promise<boolean>;
  stopSweeping(dataset: string): Promise<void>;
  /** Ends within about two seconds, whether or not the queue waits for a lost Redis. */
  requireAnswer(): Promise<void>;
  counts(): Promise<Readonly<Record<Stage, JobCounts>>>;
  /** Dataset → when the first of its batches that are not done was queued, in ms since 1970. */
  oldestBatches(): Promise<ReadonlyMap<string, number>>;
  /** Batches whose work has failed for good, so that nobody goes on with it. */
  failedBatches(): Promise<FailedBatch[]>;
  /** Removes what has failed of a batch that is settled by now, by whatever jobs. */
  forgetFailed(batch: Pick<BatchJob, 'dataset' | 'batch'>): Promise<void>;
  close(): Promise<void>;
}

/** `digested`: what it held when its rows were told apart; left out where it could not be read. */
type DigestedShard = Pick<AssessJob, 'shard' | 'digested'>;

interface BatchOptions {
  readonly isRetried: boolean;
  readonly isFitted: boolean;
  readonly isNew: boolean;
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
  const probe = openProbe(() => countJobs(queueOf('sweep')));
  const common = {
    attempts,
    backoff: { type: 'exponential', delay: FIRST_BACKOFF_MS },
    removeOnComplete: true,
  } as const;
  return {
    addBatch: (batch, shards, { isRetried, isFitted, isNew }) =>
      orQueueFailed(async () => {
        const id = jobId('enforce', batch);
        if (!(await makeRoom(queueOf('enforce'), id, isRetried))) return false;
        const work = { ...batch, ...(isNew && { isNew }) };
        const before = isFitted ? fittedFirst(work, shards, common) : ofShards('assess', work, shards, common);
        await flows.add(flowOf(batch, before, common));
        return true;
      }),
    addAssessments: (batch, shards, fit) =>
      orQueueFailed(async () => {
        const parent = { id: jobId('decide', batch), queue: queueOf('decide').qualifiedName };
        const jobs = shards.map((one) => ofShard('assess', { ...batch, fit, ...one }, common));
        // Those that an earlier try has queued stay as they are.
        await queueOf('assess').addBulk(
          jobs.map(({ name, data, opts }) => ({ name, data, opts: { ...opts, parent } })),
        );
      }),
    addEnforcement: (batch, record) =>
      orQueueFailed(async () => {
        const options = { ...common, ...KEPT_WHEN_FAILED, ...IN_ORDER, jobId: jobId('enforce', batch, String(record)) };
        await queueOf('enforce').add('enforce', batch, options);
      }),
    addNotice: (notice, settled, { isRetried }) =>
      orQueueFailed(async () => {
        const id = jobId('notify', { ...notice, plan: '' }, String(settled));
        if (!(await makeRoom(queueOf('notify'), id, isRetried))) return false;
        await queueOf('notify').add('notify', notice, { ...common, ...KEPT_WHEN_FAILED, jobId: id });
        return true;
      }),
    addSweep: (sweep) =>
      orQueueFailed(async () => {
        const id = jobId('sweep', { dataset: sweep.dataset, batch: sweep.folder ?? '', plan: '' });
        // What arrives while its folder is being looked at may have been missed: it is looked at once more.
        const deduplication = { id, keepLastIfActive: true };
        await queueOf('sweep').add('sweep', sweep, { ...common, removeOnFail: true, deduplication });
      }),
    keepSweeping: (dataset, everySeconds) =>
      orQueueFailed(async () => {
        const job = {
          name: 'sweep',
          data: { dataset, folder: null },
          opts: { removeOnComplete: true, removeOnFail: true },
        };
        await queueOf('sweep').upsertJobScheduler(schedulerOf(dataset), { every: everySeconds * 1000 }, job);
      }),
    isSwept: (dataset) =>
      orQueueFailed(async () => (await queueOf('sweep').getJobScheduler(schedulerOf(dataset))) !== undefined),
    stopSweeping: (dataset) =>
      orQueueFailed(async () => void (await queueOf('sweep').removeJobScheduler(schedulerOf(dataset)))),
    requireAnswer: () => orQueueFailed(probe),
    counts: () =>
      orQueueFailed(async () => {
        const counted = stages.map(async (stage) => [stage, await countJobs(queueOf(stage))] as const);
        return Object.fromEntries(await Promise.all(counted)) as Record<Stage, JobCounts>;
      }),
    oldestBatches: () => orQueueFailed(() => oldestBatches(queueOf('enforce'))),
    failedBatches: () => orQueueFailed(() => failedBatches(queueOf('decide'), queueOf('enforce'))),
    forgetFailed: (batch) => orQueueFailed(() => forgetFailed([queueOf('enforce'), queueOf('decide')], batch)),
    close: async () => {
      await Promise.allSettled([flows, ...queues.values()].map((one) => one.close()));
    },
  };
}

function schedulerOf(dataset: string): string {
  return `sweep-${dataset}`;
}

/** False where a job is there that is to stay: any but one that has failed and is to be tried again. */
async function makeRoom(queue: Queue, id: string, isRetried: boolean): Promise<boolean> {
  const job = await queue.getJob(id);
  if (job !== undefined && !(isRetried && (await hasFailed(job)))) return false;
  await job?.remove({ removeChildren: true });
  return true;
}

const KEPT_WHEN_FAILED = { removeOnFail: { age: FAILED_KEPT_SECONDS } } as const;
/**
 * Of work on batches as a whole. BullMQ puts what has waited for other jobs before all that waits already, so that the
 * oldest batch would never come where new ones come fast enough; among jobs of one priority the first is taken first.
 */
const IN_ORDER = { priority: 1 } as const;

type NewBatch = BatchJob & Pick<AssessJob, 'isNew'>;

/** After what the decision waits for, the batch is decided on, then what was decided is done. */
function flowOf(batch: BatchJob, before: FlowJob[], common: JobsOptions): FlowJob {
  const ofBatch = { ...common, ...KEPT_WHEN_FAILED, ...IN_ORDER };
  const decide = jobOf('decide', batch, { ...ofBatch, failParentOnFailure: true });
  const root = jobOf('enforce', batch, ofBatch);
  return { ...root, children: [withChildren(decide, before)] };
}

/** Rows of all shards are told apart, then what they are judged by is fitted; that queues the assessing. */
function fittedFirst({ isNew, ...batch }: NewBatch, shards: readonly SealedShard[], common: JobsOptions): FlowJob[] {
  if (shards.length === 0) return [];
  const fit = jobOf('fit', batch, { ...common, ...KEPT_WHEN_FAILED, ...IN_ORDER, failParentOnFailure: true });
  return [withChildren(fit, ofShards('digest', { ...batch, ...(isNew && { isNew }) }, shards, common))];
}

/** What waits for them goes on whatever becomes of each. */
function ofShards(task: Task, batch: NewBatch, shards: readonly SealedShard[], common: JobsOptions): NestedJob[] {
  return shards.map((shard) => ofShard(task, { ...batch, shard }, common));
}

function ofShard(task: Task, job: AssessJob, common: JobsOptions): NestedJob {
  const options = { ...common, removeOnFail: true, ignoreDependencyOnFailure: true };
  return jobOf(task, job, options, shardIn(job.shard.path, job.fit?.sha256));
}

type NestedJob = FlowNestedLeafJob & { readonly data: BatchJob; readonly opts: JobsOptions };

function jobOf(task: Task, data: BatchJob, options: JobsOptions, more?: string): NestedJob {
  return {
    name: task,
    queueName: queueName(stageOf(task)),
    data,
    opts: { ...options, jobId: jobId(task, data, more) },
  };
}

function withChildren(job: NestedJob, children: FlowJob[]): FlowJob {
  return children.length === 0 ? job : { ...job, children };
}

async function countJobs(queue: Queue): Promise<JobCounts> {
  const counts = await queue.getJobCounts('wait', 'prioritized', 'active', 'delayed', 'failed', 'waiting-children');
  const of = (state: string) => counts[state] ?? 0;
  return {
    waiting: of('wait') + of('waiting') + of('prioritized'),
    active: of('active'),
    delayed: of('delayed'),
    failed: of('failed'),
    'waiting-children': of('waiting-children'),
  };
}
