import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Table, tableFromIPC } from 'apache-arrow';
import { joinTables, type SampledTable, withOutputs } from '../baseline/index.js';
import { takeRows } from '../encode/index.js';
import { BadInput } from '../errors.js';
import { pinShard, type Shard, spoolShard } from '../intake/index.js';
import type { Models } from '../model/index.js';
import { isShared } from '../store/index.js';
import { agreeOnColumns, type ColumnAgreement } from './agree-on-columns.js';
import { workInChildren } from './children.js';
import { type BatchJob, explain, processesFor } from './pool.js';
import { chooseRows, type SampledShard, sampleFile, sampleRows } from './sample-rows.js';

/** What sampling a batch takes besides its shards. */
type SamplingJob = Omit<BatchJob, 'baseline'> & {
  /** Of the batch, for messages. */
  readonly path: string;
  /** Add their columns to the sample. */
  readonly models: Models;
};

/**
 * Rows of a batch, ordered by their digests: all of a small one, else chosen by a key that every byte of the batch bears
 * on. Shards whose columns are not those of most shards are left out, as are those that cannot be read: they are found out
 * when assessed.
 * @throws BadInput NO_READABLE_SHARD, MODEL_UNUSABLE, MODEL_CHANGED; Transient READ_FAILED, WRITE_FAILED, PROCESS_DIED
 */
export async function sampleBatch(shards: readonly Shard[], job: SamplingJob): Promise<SampledTable> {
  const key = await keyOf(shards, job);
  const sampled = await sampleShards(shards, job, key);
  const digest = createHash('sha256');
  for (const { sha256 } of sampled) digest.update(`${sha256}\n`);
  requireReadable(shards, sampled, job.path);
  const agreement = agreeOnColumns(sampled, job.columns);
  const table = await joinSample(sampled, agreement, job.scratch, key);
  const seen = await withOutputs(table, job.models, `most shards of ${job.path}`);
  return { ...seen, sha256: digest.digest('hex'), path: job.path };
}

/**
 * SHA-256 over the digests of all shards, whatever their order: a row that is made to be in the sample, or out of it, is
 * so only beside the very bytes it was made for.
 */
async function keyOf(shards: readonly Shard[], { store, limits }: SamplingJob): Promise<string> {
  const digests: string[] = [];
  for (const shard of shards) {
    // What is too large to be read is said where it is sampled.
    if (shard.bytes <= limits.shardBytes) digests.push((await pinShard(store, shard, limits)).sha256);
  }
  return createHash('sha256').update(digests.sort().join('\n')).digest('hex');
}

/** In the order of `shards`. */
async function sampleShards(shards: readonly Shard[], job: SamplingJob, key: string): Promise<SampledShard[]> {
  const { store, crew, columns, backend, limits, scratch, onProgress } = job;
  const sampled: SampledShard[] = [];
  let done = 0;
  const onDone = (result: SampledShard, { number }: { readonly number: number }) => {
    sampled[number] = result;
    onProgress(++done);
  };
  const tasks = shards.map((shard, number) => ({ shard, number }));
  if (!isShared(store)) {
    for (const task of tasks) onDone(await sampleRows(store, task, { columns, limits, folder: scratch, key }), task);
    return sampled;
  }
  const fatal = await workInChildren(tasks, {
    crew,
    processes: processesFor(shards, job.processes),
    preparation: { baselineFile: null, rowsFolder: scratch, backend, columns, limits },
    fetch: ({ shard }) => spoolShard(job, shard),
    work: (child, task) => child.sample(task, key),
    onDone,
  });
  for (const one of fatal) {
    onDone({ sha256: null, fault: explain(one, limits), columns: [], digests: new Float64Array(0) }, one);
  }
  return sampled;
}

async function joinSample(
  sampled: readonly SampledShard[],
  { isAgreed, names }: ColumnAgreement,
  scratch: string,
  key: string,
): Promise<Table> {
  const numbers = [...sampled.keys()].filter((number) => isAgreed(number));
  const digestsOf = numbers.map((number) => sampled[number]?.digests ?? new Float64Array(0));
  const digests = joinNumbers(digestsOf);
  const isChosen = new Uint8Array(digests.length);
  for (const row of chooseRows(digests, key)) isChosen[row] = 1;
  const tables: Table[] = [];
  const kept: number[] = [];
  let from = 0;
  for (const [index, number] of numbers.entries()) {
    const own = digestsOf[index] as Float64Array;
    const rows = Int32Array.from([...own.keys()].filter((row) => isChosen[from + row] === 1));
    const table = tableFromIPC(await readFile(sampleFile(scratch, number)));
    tables.push(takeRows(table.select([...names]), rows));
    for (const row of rows) kept.push(own[row] as number);
    from += own.length;
  }
  return takeRows(joinTables(tables), orderOf(kept));
}

function joinNumbers(parts: readonly Float64Array[]): Float64Array {
  const joined = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** What stands where in ascending order. */
function orderOf(digests: readonly number[]): Int32Array {
  return Int32Array.from(digests.keys()).sort((a, b) => (digests[a] as number) - (digests[b] as number));
}

function requireReadable(shards: readonly Shard[], sampled: readonly SampledShard[], path: string): void {
  if (sampled.some(({ fault }) => fault === null)) return;
  const detail = `${shards[0]?.path}: ${sampled[0]?.fault}`;
  throw new BadInput('NO_READABLE_SHARD', { path, count: shards.length, detail });
}
