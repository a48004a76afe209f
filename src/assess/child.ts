import type { ItemCounts } from '../detect/index.js';
import { Transient } from '../errors.js';
import { compiled, type Death, type ProcessLimits, type Spent, startIsolated } from '../process/index.js';
import type { Preparation, Request, Taken, Task } from './assess-worker.js';
import type { CopiesJob } from './count-copies.js';
import type { FitJob, Fitted } from './fit-sample.js';
import type { Choice, SampledShard } from './sample-rows.js';
import type { WantedRows } from './take-wanted.js';
import type { ShardAssessment } from './types.js';

/** Seconds: to parse a shard, or to score the next rows of it. */
export type ChildLimits = ProcessLimits;
export type { Death };

/** A process that assesses shards, one at a time. */
export interface Child {
  /** Comes before the first shard. @throws Transient PROCESS_DIED, and what was thrown in the child */
  prepare(preparation: Preparation): Promise<void>;
  /** The assessment, or how the process ended over the shard. @throws what was thrown in the child */
  assess(task: Task, onSpent?: (spent: Spent) => void): Promise<ShardAssessment | Death>;
  /** The same for a sample of the shard's rows, which needs no baseline. */
  sample(task: Task, choice: Choice | null): Promise<SampledShard | Death>;
  /** Writes rows of a shard, as they are, to its file. */
  take(wanted: WantedRows): Promise<Taken | Death>;
  /** Counts copies among the rows of all shards; needs no preparation. */
  count(job: CopiesJob): Promise<ItemCounts | Death>;
  /** Fits what a batch is judged by on a sample of its rows; needs no preparation. @throws what was thrown in the child */
  fitSample(job: FitJob): Promise<Fitted | Death>;
  stop(): Promise<void>;
  /** For the moment in which this process exits: nothing can be awaited then. */
  kill(): void;
}

const ENTRY = compiled('assess/assess-worker.js');
/** Slower than any machine that could score a shard. */
const STARTING_SECONDS = 300;
/** For what is our own, not the sender's: however long it takes. */
const NO_LIMITS: ProcessLimits = { seconds: Infinity, memoryBytes: Infinity };

export function startChild(limits: ChildLimits): Child {
  const child = startIsolated(ENTRY);
  const ask = <Result extends object>(request: Request, within: ProcessLimits, onSpent?: (spent: Spent) => void) =>
    child.ask<Result | null>(request, within, onSpent);
  return {
    prepare: async (preparation) => {
      // What a child begins with is our own.
      const outcome = await ask<ShardAssessment>(
        { prepare: preparation },
        { seconds: STARTING_SECONDS, memoryBytes: Infinity },
      );
      if (typeof outcome === 'string') throw new Transient('PROCESS_DIED');
    },
    assess: async (task, onSpent) => (await ask<ShardAssessment>({ assess: task }, limits, onSpent)) ?? 'died',
    sample: async (task, choice) => (await ask<SampledShard>({ sample: task, choice }, limits)) ?? 'died',
    take: async (wanted) => (await ask<Taken>({ take: wanted }, limits)) ?? 'died',
    fitSample: async (job) => (await ask<Fitted>({ fit: job }, NO_LIMITS)) ?? 'died',
    count: async (job) => (await ask<ItemCounts>({ count: job }, NO_LIMITS)) ?? 'died',
    stop: child.stop,
    kill: child.kill,
  };
}
