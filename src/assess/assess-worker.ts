import { readFile } from 'node:fs/promises';
import { type Baseline, decodeBaseline } from '../baseline/index.js';
import type { NamedColumns } from '../encode/index.js';
import { Bug } from '../errors.js';
import type { Shard } from '../intake/index.js';
import { type Backend, startBackend } from '../linear/index.js';
import { fileStore } from '../store/index.js';
import { describeFailure, type Failure } from './failure.js';
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

/** `alive` comes between parts of the work; errors travel as data: a child that ends without a reply has died. */
export type Reply =
  | { readonly alive: true }
  | { readonly assessment: ShardAssessment | null }
  | { readonly failure: Failure };

let prepared: { baseline: Baseline; columns: NamedColumns; rows: RowStore } | undefined;

async function prepare({ baselineFile, rowsFolder, backend, columns }: Preparation): Promise<null> {
  await startBackend(backend);
  const baseline = decodeBaseline(await readFile(baselineFile), baselineFile);
  prepared = { baseline, columns, rows: rowFiles(rowsFolder) };
  return null;
}

async function assessTask({ number, shard }: Task): Promise<ShardAssessment> {
  if (prepared === undefined) throw new Bug('a child was given a shard before its baseline');
  const { baseline, columns, rows } = prepared;
  const assessed = await assess(fileStore, shard, { baseline, columns, onChunk: () => reply({ alive: true }) });
  await rows.write(number, assessed.rows);
  return assessed.assessment;
}

function reply(message: Reply): void {
  process.send?.(message);
}

process.on('message', async (request: Request) => {
  try {
    reply({ assessment: 'prepare' in request ? await prepare(request.prepare) : await assessTask(request.assess) });
  } catch (error) {
    reply({ failure: describeFailure(error) });
  }
});
// Nobody waits for the work of a child whose parent is gone.
process.on('disconnect', () => process.exit());
