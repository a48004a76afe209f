import { readFile } from 'node:fs/promises';
import { type Baseline, decodeBaseline } from '../baseline/index.js';
import type { ItemCounts } from '../detect/index.js';
import type { NamedColumns } from '../encode/index.js';
import { Bug } from '../errors.js';
import type { IntakeLimits, Shard } from '../intake/index.js';
import { type Backend, startBackend } from '../linear/index.js';
import { type Models, startModels } from '../model/index.js';
import { answerRequests, startClock } from '../process/index.js';
import { fileStore } from '../store/index.js';
import { type CopiesJob, countCopies } from './count-copies.js';
import { type FitJob, type Fitted, fitSample } from './fit-sample.js';
import { keepAssessed } from './keep-assessed.js';
import { assess } from './read-shard.js';
import { type Choice, type SampledShard, sampleRows } from './sample-rows.js';
import { takeWanted, type WantedRows } from './take-wanted.js';
import type { Assessor, ShardAssessment } from './types.js';

/** What a child needs before its first shard. */
export interface Preparation {
  /** Null where rows are only sampled. */
  readonly baselineFile: string | null;
  /** Where the rows of each shard are kept. */
  readonly rowsFolder: string;
  readonly backend: Backend;
  readonly columns: NamedColumns;
  readonly limits: IntakeLimits;
}

/** A shard and its place in the batch. */
export interface Task {
  readonly number: number;
  readonly shard: Shard;
}

/** The shard whose wanted rows are in their file. */
export interface Taken {
  readonly taken: number;
}

export type Request =
  | { readonly prepare: Preparation }
  | { readonly assess: Task }
  | { readonly sample: Task; readonly choice: Choice | null }
  | { readonly take: WantedRows }
  | { readonly count: CopiesJob }
  | { readonly fit: FitJob };

let prepared: (Preparation & { baseline: Baseline | null; models: Models }) | undefined;

async function prepare(preparation: Preparation): Promise<null> {
  const { baselineFile, backend, columns } = preparation;
  if (baselineFile !== null) await startBackend(backend);
  const baseline = baselineFile === null ? null : decodeBaseline(await readFile(baselineFile), baselineFile);
  await prepared?.models.stop();
  const models = startModels(columns.contract, backend);
  prepared = { ...preparation, baseline, models };
  return null;
}

async function assessTask({ number, shard }: Task): Promise<ShardAssessment> {
  if (!prepared?.baseline) throw new Bug('a child was given a shard before its baseline');
  const { baseline, rowsFolder } = prepared;
  const clock = startClock();
  const onPhase: Assessor['onPhase'] = (phase, detector) =>
    clock.begin(detector === undefined ? phase : `${phase} ${detector}`);
  const assessed = await assess(fileStore, shard, { ...prepared, baseline, onPhase });
  clock.end();
  await keepAssessed(rowsFolder, number, assessed);
  return assessed.assessment;
}

async function sampleTask(task: Task, choice: Choice | null): Promise<SampledShard> {
  if (prepared === undefined) throw new Bug('a child was given a shard before it was prepared');
  return sampleRows(fileStore, task, { ...prepared, folder: prepared.rowsFolder, choice });
}

async function takeTask(wanted: WantedRows): Promise<Taken> {
  if (!prepared?.baseline) throw new Bug('a child was asked for rows before its baseline');
  const { baseline, limits, models, rowsFolder: folder } = prepared;
  await takeWanted(fileStore, wanted, { columns: baseline.columns, limits, models, folder });
  return { taken: wanted.number };
}

answerRequests((request: Request): Promise<ShardAssessment | SampledShard | Taken | ItemCounts | Fitted | null> => {
  if ('prepare' in request) return prepare(request.prepare);
  if ('take' in request) return takeTask(request.take);
  if ('count' in request) return countCopies(request.count);
  if ('fit' in request) return fitSample(request.fit);
  return 'assess' in request ? assessTask(request.assess) : sampleTask(request.sample, request.choice);
});
