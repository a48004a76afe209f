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
import { type Choice, chooseRows, type SampledShard, sampleFile, sampleRows } from './sample-rows.js';

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
  const key = keyOf(await digestShards(shards, job));
  const tasks = shards.map((shard, number) => ({ shard, number }));
  const sampled = await sampleShards(tasks, job, () => ({ key }));
  requireReadable(shards, sampled, job.path);
  const table = await joinSample(sampled, agreeOnColumns(sampled, job.columns), job.scratch, key);
  const seen = await withOutputs(table, job.models, `most shards of ${job.path}`);
  return { ...seen, sha256: digestOf(sampled), path: job.path };
}

/** A shard whose rows have been told apart, before anything was known of the others. Plain data. */
export interface DigestedShard {
  /** SHA-256 of its bytes; null when they are too many to be read. */
  readonly hash: string | null;
  /** With the digests of all its rows. */
  readonly sampled: SampledShard;
}

/** What of a digested shard a sample under a key may hold: its rows of least digest. */
export interface ChosenShard {
  /** With the digests of these rows alone. */
  readonly sampled: SampledShard;
  readonly rows: Int32Array;
}

export function chooseFrom({ sampled }: DigestedShard, key: string): ChosenShard {
  const rows = chooseRows(sampled.digests, key);
  return { sampled: { ...sampled, digests: Float64Array.from(rows, (row) => sampled.digests[row] as number) }, rows };
}

/** A sample, or the shards that could not be read again or are no longer what was digested, by their numbers. */
export type Drawn = { readonly sample: SampledTable } | { readonly lost: ReadonlyMap<number, string> };

/**
 * The sample that sampleBatch makes of the same shards, from what was chosen of each under their key: only rows that it holds
 * are kept.
 * @throws BadInput NO_READABLE_SHARD; Transient READ_FAILED, WRITE_FAILED, PROCESS_DIED
 */
export async function sampleChosen(
  shards: readonly Shard[],
  chosen: readonly ChosenShard[],
  key: string,
  job: Omit<SamplingJob, 'models'>,
): Promise<Drawn> {
  const known = chosen.map(({ sampled }) => sampled);
  requireReadable(shards, known, job.path);
  const agreement = agreeOnColumns(known, job.columns);
  const kept = chooseAmong(chosen, agreement, key);
  const tasks = [...kept.keys()].map((number) => ({ shard: shards[number] as Shard, number }));
  const choiceOf = (number: number) => ({ key, kept: kept.get(number) ?? new Int32Array(0) });
  const drawn = await sampleShards(tasks, job, choiceOf);
  const isLost = (number: number) => drawn[number]?.fault !== null || drawn[number]?.sha256 !== known[number]?.sha256;
  const lost = tasks.filter(({ number }) => isLost(number));
  if (lost.length > 0)
    return { lost: new Map(lost.map(({ number }) => [number, drawn[number]?.fault ?? SHARD_CHANGED])) };
  const sampled = known.map((one, number) => drawn[number] ?? one);
  const table = await joinSample(sampled, agreement, job.scratch, key);
  return { sample: { table, sha256: digestOf(sampled), path: job.path } };
}

/** Why a shard is not read as what was digested. */
export const SHARD_CHANGED = 'it has changed since its rows were told apart';

/** Of each agreeing shard the rows that a sample of them all holds, ascending. */
function chooseAmong(chosen: readonly ChosenShard[], { isAgreed }: ColumnAgreement, key: string) {
  const numbers = [...chosen.keys()].filter((number) => isAgreed(number));
  const isChosen = marksOf(joinNumbers(numbers.map((number) => chosen[number]?.sampled.digests ?? NONE)), key);
  const kept = new Map<number, Int32Array>();
  let from = 0;
  for (const number of numbers) {
    const start = from;
    const rows = chosen[number]?.rows ?? new Int32Array(0);
    kept.set(
      number,
      rows.filter((_, at) => isChosen[start + at] === 1),
    );
    from += rows.length;
  }
  return kept;
}

const NONE = new Float64Array(0);

/** Of shards that may be read at all: what is too large, or refused, is said where it is sampled. */
async function digestShards(shards: readonly Shard[], { store, limits }: SamplingJob): Promise<string[]> {
  const digests: string[] = [];
  for (const shard of shards) {
    if (shard.refused !== undefined || shard.bytes > limits.shardBytes) continue;
    digests.push((await pinShard(store, shard, limits)).sha256);
  }
  return digests;
}

/**
 * SHA-256 over the digests of all shards, whatever their order: a row that is made to be in the sample, or out of it, is
 * so only beside the very bytes it was made for.
 */
export function keyOf(digests: readonly string[]): string {
  return createHash('sha256')
    .update([...digests].sort().join('\n'))
    .digest('hex');
}

function digestOf(sampled: readonly SampledShard[]): string {
  const digest = createHash('sha256');
  for (const { sha256 } of sampled) digest.update(`${sha256}\n`);
  return digest.digest('hex');
}

/** Each at its number. */
async function sampleShards(
  tasks: readonly { readonly shard: Shard; readonly number: number }[],
  job: Omit<SamplingJob, 'models'>,
  choiceOf: (number: number) => Choice,
): Promise<SampledShard[]> {
  const { store, crew, columns, backend, limits, scratch, onProgress } = job;
  const sampled: SampledShard[] = [];
  let done = 0;
  const onDone = (result: SampledShard, { number }: { readonly number: number }) => {
    sampled[number] = result;
    onProgress(++done);
  };
  if (!isShared(store)) {
    for (const task of tasks) {
      const sampling = { columns, limits, folder: scratch, choice: choiceOf(task.number) };
      onDone(await sampleRows(store, task, sampling), task);
    }
    return sampled;
  }
  const fatal = await workInChildren(tasks, {
    crew,
    processes: processesFor(
      tasks.map(({ shard }) => shard),
      job.processes,
    ),
    preparation: { baselineFile: null, rowsFolder: scratch, backend, columns, limits },
    fetch: ({ shard }) => spoolShard(job, shard),
    work: (child, task) => child.sample(task, choiceOf(task.number)),
    onDone,
  });
  for (const one of fatal) {
    onDone(unsampled(explain(one, limits)), one);
  }
  return sampled;
}

/** What a shard that could not be read amounts to. */
export function unsampled(fault: string): SampledShard {
  return { sha256: null, fault, columns: [], digests: new Float64Array(0) };
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
  const isChosen = marksOf(digests, key);
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

/** 1 for each row that is chosen. */
function marksOf(digests: Float64Array, key: string): Uint8Array {
  const isChosen = new Uint8Array(digests.length);
  for (const row of chooseRows(digests, key)) isChosen[row] = 1;
  return isChosen;
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
