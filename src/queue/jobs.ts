import { createHash } from 'node:crypto';
import type { SealedShard } from '../schema/index.js';

/** A batch and the plan by which it is judged. Jobs hold names and digests, never rows. */
export interface BatchJob {
  readonly dataset: string;
  readonly batch: string;
  /** Name of the plan. */
  readonly plan: string;
}

export interface AssessJob extends BatchJob {
  readonly shard: SealedShard;
}

/** What a job of assessing hands on to the decision. */
export interface AssessedJob {
  readonly path: string;
  /** Null where the shard could not be read at all. */
  readonly sha256: string | null;
  /** Why nothing was assessed; null where there is a result. */
  readonly unread: string | null;
}

export interface SweepJob {
  readonly dataset: string;
  /** A folder that something has arrived in; null: look through all of them. */
  readonly folder: string | null;
}

/** Job of each stage → what it is given. */
export interface Jobs {
  readonly assess: AssessJob;
  readonly decide: BatchJob;
  readonly enforce: BatchJob;
  readonly sweep: SweepJob;
}

export type Stage = keyof Jobs;
export const stages: readonly Stage[] = ['sweep', 'assess', 'decide', 'enforce'];

export function queueName(stage: Stage): string {
  return `taster-${stage}`;
}

/** The same for the same work, so that it is queued once; without colons, and no number, as the queue demands. */
export function jobId(stage: Stage, { dataset, batch, plan }: BatchJob, more = ''): string {
  const digest = createHash('sha256').update(JSON.stringify([stage, dataset, batch, plan, more]));
  return `${stage}-${digest.digest('hex').slice(0, 40)}`;
}
