import { createHash } from 'node:crypto';
import type { SealedShard } from '../schema/index.js';

/** A batch and the plan by which it is judged. Jobs hold names and digests, never rows. */
export interface BatchJob {
  readonly dataset: string;
  readonly batch: string;
  /** Name of the plan. */
  readonly plan: string;
}

export interface ShardJob extends BatchJob {
  readonly shard: SealedShard;
  /** True where nobody can have worked on the shard before, by whatever job: then no result of it is looked for. */
  readonly isNew?: boolean;
}

/** What a batch without trusted rows is judged by: fitted on its own rows, in an object of the vault. */
export interface Fit {
  /** Of the object, which is named by it. */
  readonly sha256: string;
}

export interface AssessJob extends ShardJob {
  /** Left out where the plan has a baseline. */
  readonly fit?: Fit;
  /** What the shard held when its rows were told apart; left out where they were not. */
  readonly digested?: string | undefined;
}

/** What a job of assessing hands on to the decision. */
export interface AssessedJob {
  readonly path: string;
  /** Null where the shard could not be read at all. */
  readonly sha256: string | null;
  /** Why nothing was assessed; null where there is a result. */
  readonly unread: string | null;
  /** SHA-256 of the fit that it was assessed by, where the plan has no baseline. */
  readonly fit?: string;
}

/** What a job of fitting hands on to the decision. */
export interface FittedJob {
  /** Null where the batch as a whole is at fault. */
  readonly fit: Fit | null;
  /** That fault. */
  readonly fault: string | null;
  /** Paths of shards that could not be worked on when it was found. */
  readonly unread?: readonly string[];
}

export interface SweepJob {
  readonly dataset: string;
  /** A folder that something has arrived in; null: look through all of them. */
  readonly folder: string | null;
}

/** A batch of which somebody is to be told how it stands. */
export type NoticeJob = Pick<BatchJob, 'dataset' | 'batch'>;

/** A queue, with workers of its own. */
export type Stage = 'sweep' | 'assess' | 'decide' | 'enforce' | 'notify';
export const stages: readonly Stage[] = ['sweep', 'assess', 'decide', 'enforce', 'notify'];

/** What a job does: of a stage, so much at a time, whatever it is. */
export type Task = Stage | 'digest' | 'fit';

/** Work on a shard and work on a batch each share the workers of one queue. */
export function stageOf(task: Task): Stage {
  if (task === 'digest') return 'assess';
  return task === 'fit' ? 'decide' : task;
}

export function queueName(stage: Stage): string {
  return `taster-${stage}`;
}

/** What tells the job of a shard from others of its batch and task. */
export function shardIn(path: string, fit: string | undefined): string {
  return fit === undefined ? path : `${fit} ${path}`;
}

/** The same for the same work, so that it is queued once; without colons, and no number, as the queue demands. */
export function jobId(task: Task, { dataset, batch, plan }: BatchJob, more = ''): string {
  const digest = createHash('sha256').update(JSON.stringify([task, dataset, batch, plan, more]));
  return `${task}-${digest.digest('hex').slice(0, 40)}`;
}
