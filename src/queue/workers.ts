import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, UnrecoverableError, Worker } from 'bullmq';
import { Transient } from '../errors.js';
import type { WorkerSettings } from '../schema/index.js';
import { orQueueFailed, patientConnection } from './connection.js';
import {
  type AssessedJob,
  type AssessJob,
  type BatchJob,
  type FittedJob,
  jobId,
  type NoticeJob,
  queueName,
  type ShardJob,
  type SweepJob,
  shardIn,
  stages,
  type Task,
} from './jobs.js';
import { isOutage, putOff } from './outage.js';

/** What became of the shards of a batch. */
export interface Digested {
  readonly done: readonly AssessedJob[];
  /** Why a shard could not be worked on, however often it was tried. */
  failureOf(path: string): string | undefined;
}

/** The same for its decision. */
export interface Assessed extends Digested {
  /** What they were judged by, where the plan has no baseline. */
  readonly fitted?: FittedJob | undefined;
}

/** What is done with each job. */
export interface Processors {
  digest(job: ShardJob): Promise<AssessedJob>;
  fit(job: BatchJob, digested: Digested): Promise<FittedJob>;
  assess(job: AssessJob): Promise<AssessedJob>;
  decide(job: BatchJob, assessed: Assessed): Promise<void>;
  enforce(job: BatchJob): Promise<void>;
  notify(job: NoticeJob): Promise<void>;
  sweep(job: SweepJob): Promise<void>;
}

/** Told of every job that ends. */
export interface Watcher {
  onDone(task: Task, data: object, seconds: number): void;
  onFailed(task: Task, data: object, error: Error, isLast: boolean): void;
  onLost(error: Error): void;
}

export interface RunningWorkers {
  ready(): Promise<void>;
  /** Ends when the jobs at hand are done. */
  stop(): Promise<void>;
}

/** After the last job: a connection that Redis has left meanwhile may never be closed in order. */
const CLOSING_MS = 5_000;

/** A killed worker's jobs stall; so often may one before it is given up. */
const MOST_STALLS = 20;

/** Takes jobs of every stage, at most `concurrency` shards at a time. */
export function startWorkers(
  url: string,
  { concurrency, lockSeconds }: Required<WorkerSettings>,
  processors: Processors,
  watcher: Watcher,
): RunningWorkers {
  const lockDuration = lockSeconds * 1000;
  const atHand = new Set<Promise<unknown>>();
  const take = (job: Job, token?: string) => {
    const work = process(job, processors).catch(async (error) => {
      const delayed = await putOff(job, token, error);
      if (delayed === undefined) throw error;
      watcher.onFailed(job.name as Task, job.data, error, false);
      throw delayed;
    });
    const ended = work.catch(() => {}).finally(() => atHand.delete(ended));
    atHand.add(ended);
    return work;
  };
  const workers = stages.map((stage) => {
    const worker = new Worker(queueName(stage), take, {
      connection: patientConnection(url),
      concurrency: stage === 'assess' ? concurrency : 1,
      lockDuration,
      stalledInterval: lockDuration / 2,
      maxStalledCount: MOST_STALLS,
    });
    worker.on('completed', (job) => watcher.onDone(job.name as Task, job.data, secondsOf(job)));
    worker.on('failed', (job, error) => {
      const isLast = job === undefined || job.finishedOn !== undefined;
      watcher.onFailed((job?.name ?? stage) as Task, job?.data ?? {}, error, isLast);
    });
    worker.on('error', watcher.onLost);
    return worker;
  });
  return {
    ready: async () => {
      await Promise.all(workers.map((worker) => worker.waitUntilReady()));
    },
    stop: async () => {
      const closed = Promise.all(workers.map((worker) => worker.close()));
      const waited = Promise.all(atHand).then(() => sleep(CLOSING_MS, undefined, { ref: false }));
      await Promise.race([closed, waited]);
    },
  };
}

async function process(job: Job, processors: Processors): Promise<unknown> {
  try {
    return await answers[job.name as Task](job, processors);
  } catch (error) {
    // What was handed in stays as it is, and so does a fault of the code: only the surroundings may be better next time.
    if (!(error instanceof Error) || error instanceof Transient || isOutage(error) || 'syscall' in error) throw error;
    throw Object.assign(new UnrecoverableError(error.message), { stack: error.stack });
  }
}

/** What a job hands on to those that wait for it. */
const answers: { readonly [Name in Task]: (job: Job, processors: Processors) => ReturnType<Processors[Name]> } = {
  sweep: (job, { sweep }) => sweep(job.data),
  digest: (job, { digest }) => digest(nowOf(job)),
  fit: async (job, by) => by.fit(job.data, await orQueueFailed(() => childrenOf('digest', job))),
  assess: (job, { assess }) => assess(nowOf(job)),
  decide: async (job, by) => by.decide(job.data, await orQueueFailed(() => childrenOf('assess', job))),
  enforce: (job, { enforce }) => enforce(job.data),
  notify: (job, { notify }) => notify(job.data),
};

/** A job that was begun before, and failed or was cut off, may have left its result. */
function nowOf<Work extends ShardJob>({ data, attemptsStarted }: Job<Work>): Work {
  return attemptsStarted > 1 ? { ...data, isNew: false } : data;
}

async function childrenOf(task: 'digest' | 'assess', job: Job<BatchJob>): Promise<Assessed> {
  const values = Object.values(await job.getChildrenValues<AssessedJob | FittedJob>());
  const fitted = values.find((value): value is FittedJob => 'fault' in value);
  const fit = fitted?.fit?.sha256;
  // A fit that was cut off may have had shards assessed by another.
  const done = values.filter((value): value is AssessedJob => 'path' in value && value.fit === fit);
  const failures = await job.getIgnoredChildrenFailures();
  const byId = new Map(Object.entries(failures).map(([key, reason]) => [key.slice(key.lastIndexOf(':') + 1), reason]));
  return { done, fitted, failureOf: (path) => byId.get(jobId(task, job.data, shardIn(path, fit))) };
}

function secondsOf({ processedOn = 0, finishedOn = 0 }: Job): number {
  return (finishedOn - processedOn) / 1000;
}
