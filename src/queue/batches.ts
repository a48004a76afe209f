import type { Job, Queue } from 'bullmq';
import type { BatchJob } from './jobs.js';

/** Where the work on a batch has come to an end before its time. */
export interface FailedBatch {
  readonly dataset: string;
  readonly batch: string;
  readonly stage: 'decide' | 'enforce';
  readonly reason: string;
}

const UNDERWAY = ['wait', 'prioritized', 'active', 'delayed', 'waiting-children'] as const;

/** Those of which a job has failed after all its tries and no other is underway. */
export async function failedBatches(decide: Queue<BatchJob>, enforce: Queue<BatchJob>): Promise<FailedBatch[]> {
  const failed = [
    ...(await failedAt('enforce', enforce)),
    // Last, so that it counts: what follows from it fails because of it.
    ...(await failedAt('decide', decide)),
  ];
  if (failed.length === 0) return [];
  const busy = new Set((await underway(enforce)).map(({ data }) => keyOf(data)));
  const byBatch = new Map(failed.map((one) => [keyOf(one), one]));
  return [...byBatch].flatMap(([key, one]) => (busy.has(key) ? [] : [one]));
}

/** Dataset → when the first of its batches that are underway was queued, in ms since 1970. */
export async function oldestBatches(enforce: Queue<BatchJob>): Promise<ReadonlyMap<string, number>> {
  const oldest = new Map<string, number>();
  for (const { data, timestamp } of await underway(enforce)) {
    oldest.set(data.dataset, Math.min(timestamp, oldest.get(data.dataset) ?? timestamp));
  }
  return oldest;
}

/** The last job of a batch is queued as long as any of them. */
async function underway(enforce: Queue<BatchJob>): Promise<Job<BatchJob>[]> {
  const jobs = await enforce.getJobs([...UNDERWAY]);
  return jobs.filter(({ deferredFailure }) => deferredFailure === undefined);
}

/** Also of a job that is only to be told that what it waits for has failed. */
export async function hasFailed(job: Job): Promise<boolean> {
  return job.deferredFailure !== undefined || (await job.isFailed());
}

/** As JobQueue.forgetFailed. What others have queued again meanwhile stays, and so what still waits for shards being worked on. */
export async function forgetFailed(
  queues: readonly Queue<BatchJob>[],
  batch: Pick<BatchJob, 'dataset' | 'batch'>,
): Promise<void> {
  for (const queue of queues) {
    for (const job of await queue.getFailed()) {
      if (keyOf(job.data) === keyOf(batch) && (await job.isFailed())) await job.remove().catch(() => {});
    }
  }
}

async function failedAt(stage: FailedBatch['stage'], queue: Queue<BatchJob>): Promise<FailedBatch[]> {
  const jobs = await queue.getFailed();
  return jobs.map(({ data: { dataset, batch }, failedReason }) => ({ dataset, batch, stage, reason: failedReason }));
}

function keyOf({ dataset, batch }: Pick<BatchJob, 'dataset' | 'batch'>): string {
  return JSON.stringify([dataset, batch]);
}
