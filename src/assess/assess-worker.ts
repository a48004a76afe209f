import { readFile } from 'node:fs/promises';
import { type Baseline, decodeBaseline } from '../baseline/index.js';
import type { NamedColumns } from '../encode/index.js';
import { Bug } from '../errors.js';
import type { Shard } from '../intake/index.js';
import { type Backend, startBackend } from '../linear/index.js';
import { type Models, startModels } from '../model/index.js';
import { answerRequests, signOfLife } from '../process/index.js';
import { fileStore } from '../store/index.js';
import { assess } from './read-shard.js';
import { type RowStore, rowFiles } from './row-store.js';
import type { ShardAssessment } from './types.js';

/** What a child needs before its first shard. */
export interface Preparation {
  readonly baselineFile: string;
  /** Where the rows of each shard are kept. */
  readonly rowsFolder: string;
  readonly backend: Backend;
  readonly columns: NamedColumns;
}

/** A shard and its place in the batch. */
export interface Task {
  readonly number: number;
  readonly shard: Shard;
}

export type Request = { readonly prepare: Preparation } | { readonly assess: Task };

let prepared: { baseline: Baseline; columns: NamedColumns; models: Models; rows: RowStore } | undefined;

async function prepare({ baselineFile, rowsFolder, backend, columns }: Preparation): Promise<null> {
  await startBackend(backend);
  const baseline = decodeBaseline(await readFile(baselineFile), baselineFile);
  prepared = { baseline, columns, models: startModels(columns.contract, backend), rows: rowFiles(rowsFolder) };
  return null;
}

async function assessTask({ number, shard }: Task): Promise<ShardAssessment> {
  if (prepared === undefined) throw new Bug('a child was given a shard before its baseline');
  const { baseline, columns, models, rows } = prepared;
  const assessed = await assess(fileStore, shard, { baseline, columns, models, onChunk: signOfLife });
  await rows.write(number, assessed.rows);
  return assessed.assessment;
}

answerRequests((request: Request) => ('prepare' in request ? prepare(request.prepare) : assessTask(request.assess)));
