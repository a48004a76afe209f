import { readFile } from 'node:fs/promises';
import { decodeBaseline } from '../baseline/index.js';
import type { NamedColumns } from '../encode/index.js';
import { Bug } from '../errors.js';
import type { IntakeLimits, Shard } from '../intake/index.js';
import { type Backend, startBackend } from '../linear/index.js';
import { startModels } from '../model/index.js';
import { answerRequests, signOfLife } from '../process/index.js';
import { fileStore } from '../store/index.js';
import { assess } from './read-shard.js';
import { type RowStore, rowFiles } from './row-store.js';
import type { Assessor, ShardAssessment } from './types.js';

/** What a child needs before its first shard. */
export interface Preparation {
  readonly baselineFile: string;
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

export type Request = { readonly prepare: Preparation } | { readonly assess: Task };

let prepared: { assessor: Assessor; rows: RowStore } | undefined;

async function prepare({ baselineFile, rowsFolder, backend, columns, limits }: Preparation): Promise<null> {
  await startBackend(backend);
  const baseline = decodeBaseline(await readFile(baselineFile), baselineFile);
  const models = startModels(columns.contract, backend);
  prepared = { assessor: { baseline, columns, models, limits, onPhase: signOfLife }, rows: rowFiles(rowsFolder) };
  return null;
}

async function assessTask({ number, shard }: Task): Promise<ShardAssessment> {
  if (prepared === undefined) throw new Bug('a child was given a shard before its baseline');
  const assessed = await assess(fileStore, shard, prepared.assessor);
  await prepared.rows.write(number, assessed.rows);
  return assessed.assessment;
}

answerRequests((request: Request) => ('prepare' in request ? prepare(request.prepare) : assessTask(request.assess)));
