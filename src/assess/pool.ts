import { availableParallelism } from 'node:os';
import type { Baseline } from '../baseline/index.js';
import type { NamedColumns } from '../encode/index.js';
import { Bug } from '../errors.js';
import { pinShard, type Shard } from '../intake/index.js';
import type { Backend } from '../linear/index.js';
import { fileStore, type ObjectStore } from '../store/index.js';
import { unreadableShard } from './assess-shard.js';
import { withBaselineFile } from './baseline-file.js';
import { assessInChildren } from './children.js';
import { assess } from './read-shard.js';
import type { ShardAssessment } from './types.js';

/** What assessing a batch takes besides its shards. */
export interface BatchJob {
  readonly store: ObjectStore;
  readonly baseline: Baseline;
  readonly columns: NamedColumns;
  /** The one this process uses: its children use the same, or the numbers would depend on how many there are. */
  readonly backend: Backend;
  /** 0 chooses by cores and size. */
  readonly processes: number;
  /** Called with the number of shards assessed so far. */
  readonly onProgress: (done: number) => void;
}

/**
 * Below this one process scores a batch about as soon as several have started. Measured in seconds of CPU: a start
 * 0.7; scoring 0.5 per MB of CSV numbers, 5 per MB of Parquet numbers, 7 per MB of Parquet text.
 */
const SMALL_BATCH_BYTES = 512 * 1024;

/**
 * Assesses every shard, in this process or in children; returned in the order of `shards`.
 * @throws Transient READ_FAILED, WRITE_FAILED, PROCESS_DIED
 */
export function assessAll(shards: readonly Shard[], job: BatchJob): Promise<ShardAssessment[]> {
  job.onProgress(0);
  // Children reach shards through the file store; another one exists in this process alone.
  const processes = job.store === fileStore ? processesFor(shards, job.processes) : 1;
  return processes > 1 ? assessApart(shards, processes, job) : assessHere(shards, job);
}

/** How many processes score: never more than shards. */
export function processesFor(shards: readonly Shard[], wanted: number, cores = availableParallelism()): number {
  const bytes = shards.reduce((sum, shard) => sum + shard.bytes, 0);
  const most = wanted > 0 ? wanted : bytes < SMALL_BATCH_BYTES ? 1 : cores;
  return Math.min(most, shards.length);
}

async function assessHere(shards: readonly Shard[], job: BatchJob): Promise<ShardAssessment[]> {
  const assessments: ShardAssessment[] = [];
  for (const shard of shards) {
    assessments.push(await assess(job.store, shard, job.baseline, job.columns));
    job.onProgress(assessments.length);
  }
  return assessments;
}

async function assessApart(
  shards: readonly Shard[],
  processes: number,
  { store, baseline, columns, backend, onProgress }: BatchJob,
): Promise<ShardAssessment[]> {
  const byPath = new Map<string, ShardAssessment>();
  const onAssessed = (assessment: ShardAssessment) => {
    byPath.set(assessment.path, assessment);
    onProgress(byPath.size);
  };
  const died = await withBaselineFile(baseline, (baselineFile) =>
    assessInChildren(shards, {
      processes,
      preparation: { baselineFile, backend, columns },
      onAssessed,
    }),
  );
  for (const shard of died) {
    const { sha256 } = await pinShard(store, shard);
    onAssessed(unreadableShard(shard.path, sha256, 'the process reading it died, twice'));
  }
  return shards.map(({ path }) => {
    const assessment = byPath.get(path);
    if (assessment === undefined) throw new Bug(`shard ${path} was not assessed`);
    return assessment;
  });
}
