import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Baseline, encodeBaseline } from '../baseline/index.js';
import type { NamedColumns } from '../encode/index.js';
import { Bug } from '../errors.js';
import { type IntakeLimits, pinShard, type Room, type Shard, spoolShard } from '../intake/index.js';
import type { Backend } from '../linear/index.js';
import { type Models, withModels } from '../model/index.js';
import { CLOCK_FACTOR } from '../process/index.js';
import { isShared, type ObjectStore, orWriteFailed } from '../store/index.js';
import { unreadableShard } from './assess-shard.js';
import type { ChildLimits } from './child.js';
import { type Fatal, workInChildren } from './children.js';
import type { Crew } from './crew.js';
import { keepAssessed } from './keep-assessed.js';
import { assess } from './read-shard.js';
import type { ShardAssessment } from './types.js';

/** What assessing a batch takes besides its shards. */
export interface BatchJob {
  readonly store: ObjectStore;
  readonly baseline: Baseline;
  readonly columns: NamedColumns;
  /** The one this process uses: its children use the same, or the numbers would depend on how many there are. */
  readonly backend: Backend;
  /** Works on shards; `processes` of it at the same time, 0 chooses by cores and size. */
  readonly crew: Crew;
  readonly processes: number;
  readonly limits: IntakeLimits & ChildLimits;
  /** A folder of this scan alone, for what is known of each row. */
  readonly scratch: string;
  /** For copies of shards; where left out, they take what they need. */
  readonly room?: Room;
  /** Called with the number of shards assessed so far. */
  readonly onProgress: (done: number) => void;
}

/**
 * Below this one process scores a batch about as soon as several have started. Measured in seconds of CPU: a start
 * 0.7; scoring 0.5 per MB of CSV numbers, 5 per MB of Parquet numbers, 7 per MB of Parquet text.
 */
const SMALL_BATCH_BYTES = 512 * 1024;

/**
 * Assesses every shard in processes of their own, which parsers may crash or bloat without harm; returned in the order
 * of `shards`, their rows in the scratch folder.
 * @throws Transient READ_FAILED, WRITE_FAILED, PROCESS_DIED
 */
export function assessAll(shards: readonly Shard[], job: BatchJob): Promise<ShardAssessment[]> {
  job.onProgress(0);
  return isShared(job.store) ? assessApart(shards, job) : assessHere(shards, job);
}

/** How many processes score: never more than shards. */
export function processesFor(shards: readonly Shard[], wanted: number, cores = availableParallelism()): number {
  const bytes = shards.reduce((sum, shard) => sum + shard.bytes, 0);
  const most = wanted > 0 ? wanted : bytes < SMALL_BATCH_BYTES ? 1 : cores;
  return Math.min(most, shards.length);
}

function assessHere(shards: readonly Shard[], job: BatchJob): Promise<ShardAssessment[]> {
  return withModels(job.columns.contract, job.backend, (models) => assessBy({ ...job, models }, shards));
}

async function assessBy(
  job: BatchJob & { readonly models: Models },
  shards: readonly Shard[],
): Promise<ShardAssessment[]> {
  const assessments: ShardAssessment[] = [];
  for (const [number, shard] of shards.entries()) {
    const assessed = await assess(job.store, shard, job);
    await keepAssessed(job.scratch, number, assessed);
    assessments.push(assessed.assessment);
    job.onProgress(assessments.length);
  }
  return assessments;
}

async function assessApart(shards: readonly Shard[], job: BatchJob): Promise<ShardAssessment[]> {
  const { store, crew, columns, backend, limits, scratch, onProgress } = job;
  const byPath = new Map<string, ShardAssessment>();
  const onAssessed = (assessment: ShardAssessment) => {
    byPath.set(assessment.path, assessment);
    onProgress(byPath.size);
  };
  const baselineFile = await writeBaseline(scratch, job.baseline);
  const fatal = await workInChildren(
    shards.map((shard, number) => ({ shard, number })),
    {
      crew,
      processes: processesFor(shards, job.processes),
      preparation: { baselineFile, rowsFolder: scratch, backend, columns, limits },
      fetch: ({ shard }) => spoolShard(job, shard),
      work: (child, task) => child.assess(task),
      onDone: onAssessed,
    },
  );
  for (const one of fatal) {
    const { sha256 } = await pinShard(store, one.shard, limits);
    onAssessed(unreadableShard(one.shard.path, sha256, explain(one, limits)));
  }
  return shards.map(({ path }) => {
    const assessment = byPath.get(path);
    if (assessment === undefined) throw new Bug(`shard ${path} was not assessed`);
    return assessment;
  });
}

/** Puts what children score by into a scratch folder; returns the file. @throws Transient WRITE_FAILED */
export async function writeBaseline(scratch: string, baseline: Baseline): Promise<string> {
  const file = join(scratch, 'baseline');
  // Scoring needs no row as it is, so none is written to the scratch folder.
  const needed = encodeBaseline({ ...baseline, exemplars: null });
  await orWriteFailed(scratch, () => writeFile(file, needed));
  return file;
}

/** Why nothing could be read from a shard over which its process ended. */
export function explain({ death }: Pick<Fatal, 'death'>, { seconds, memoryBytes }: ChildLimits): string {
  if (death === 'took too long') {
    const byTheClock = `${CLOCK_FACTOR * seconds} s by the clock`;
    return `reading it took more than ${seconds} s of processor time, or ${byTheClock}, without progress (limits.seconds), so it was given up`;
  }
  if (death === 'took too much memory') {
    return `reading it took more than ${Math.round(memoryBytes / 2 ** 20)} MiB of memory (limits.memoryBytes), so it was given up: split the shard, or raise this limit in the policy`;
  }
  return 'the process reading it died, twice';
}
