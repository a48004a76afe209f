import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, UnrecoverableError, Worker } from 'bullmq';
import { Transient } from '../errors.js';
import type { WorkerSettings } from '../schema/index.js';
import { orQueueFailed, patientConnection } from './connection.js';
import { type AssessedJob, type BatchJob, type Jobs, jobId, queueName, type Stage, stages } from './jobs.js';

/** What became of the shards of a batch, for its decision. */
export interface Assessed {
  readonly done: readonly AssessedJob[];
  /** Why a shard could not be assessed, however often it was tried. */
  failureOf(path: string): string | undefined;
}

/** What is done with a job of each stage. */
export interface Processors {
  assess(job: Jobs['assess']): Promise<AssessedJob>;
  decide(job: BatchJob, assessed: Assessed): Promise<void>;
  enforce(job: BatchJob): Promise<void>;
  sweep(job: Jobs['sweep']): Promise<void>;
}

/** Told of every job that ends. */
export interface Watcher {
  onDone(stage: Stage, data: object, seconds: number): void;
  onFailed(stage: Stage, data: object, error: Error, isLast: boolean): void;
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
  const take = (stage: Stage, job: Job) => {
    const work = process(stage, job, processors);
    const ended = work.catch(() => {}).finally(() => atHand.delete(ended));
    atHand.add(ended);
    return work;
  };
  const workers = stages.map((stage) => {
    const worker = new Worker(queueName(stage), (job: Job) => take(stage, job), {
      connection: patientConnection(url),
      concurrency: stage === 'assess' ? concurrency : 1,
      lockDuration,
      stalledInterval: lockDuration / 2,
      maxStalledCount: MOST_STALLS,
    });
    worker.on('completed', (job) => watcher.onDone(stage, job.data, secondsOf(job)));
    worker.on('failed', (job, error) => {
      const isLast = job === undefined || job.finishedOn !== undefined;
      watcher.onFailed(stage, job?.data ?? {}, error, isLast);
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

async function process(stage: Stage, job: Job, processors: Processors): Promise<AssessedJob | null> {
  try {
    if (stage === 'assess') return await processors.assess(job.data);
    if (stage === 'decide') await processors.decide(job.data, await orQueueFailed(() => assessedFor(job)));
    if (stage === 'enforce') await processors.enforce(job.data);
    if (stage === 'sweep') await processors.sweep(job.data);
    return null;
  } catch (error) {
    // What was handed in stays as it is, and so does a fault of the code: only the surroundings may be better next time.
    if (!(error instanceof Error) || error instanceof Transient || 'syscall' in error) throw error;
    throw Object.assign(new UnrecoverableError(error.message), { stack: error.stack });
  }
}

async function assessedFor(job: Job<BatchJob>): Promise<Assessed> {
  const done = Object.values(await job.getChildrenValues<AssessedJob>());
  const failures = await job.getIgnoredChildrenFailures();
  const byId = new Map(Object.entries(failures).map(([key, reason]) => [key.slice(key.lastIndexOf(':') + 1), reason]));
  return { done, failureOf: (path) => byId.get(jobId('assess', job.data, path)) };
}

function secondsOf({ processedOn = 0, finishedOn = 0 }: Job): number {
  return (finishedOn - processedOn) / 1000;
}
