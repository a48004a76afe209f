import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DataType, type Table, tableToIPC } from 'apache-arrow';
import { MOST_COPIES } from '../detect/index.js';
import {
  digestsUnderKey,
  fixLists,
  isPredProbs,
  type NamedColumns,
  roleAsNamed,
  roleByName,
  rowDigests,
  takeRows,
} from '../encode/index.js';
import { BadInput } from '../errors.js';
import { type IntakeLimits, parseShard, pinShard, type Shard } from '../intake/index.js';
import { type ObjectStore, orWriteFailed } from '../store/index.js';

/** What a sample knows of one shard; the rows themselves wait in a file. Plain data. */
export interface SampledShard {
  /** Null when it is too large to be read at all. */
  readonly sha256: string | null;
  /** Why it could not be read; null when it could. */
  readonly fault: string | null;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Of the sampled rows, in row order. */
  readonly digests: Float64Array;
}

/**
 * So many distinct rows say what is usual; twice as many cost twice the time and memory. A batch with fewer is taken
 * whole.
 */
const MOST_ROWS = 20_000;

/** Roles that say nothing of what a row is like. */
const NOT_COMPARED = new Set(['label', 'source', 'group', 'id', 'ignore', 'pred_probs']);

/**
 * The rows of least digest under the key, in row order. Who does not know the key cannot say which rows these will be.
 * `key` is hexadecimal.
 */
export function chooseRows(digests: Float64Array, key: string): Int32Array {
  const keyed = digestsUnderKey(digests, key);
  const greatest = leastDistinct(keyed, MOST_ROWS);
  const copies = new Map<number, number>();
  const chosen: number[] = [];
  digests.forEach((digest, row) => {
    if ((keyed[row] as number) > greatest) return;
    const seen = copies.get(digest) ?? 0;
    copies.set(digest, seen + 1);
    // More copies of a row tell no more of its label, and would let a flood of copies own the fit.
    if (seen < MOST_COPIES) chosen.push(row);
  });
  return Int32Array.from(chosen);
}

/** The last of the so many least distinct ones; Infinity where there are fewer. */
export function leastDistinct(numbers: Float64Array, count: number): number {
  let least = new Set<number>();
  let limit = Infinity;
  for (let at = 0; at < numbers.length; at++) {
    const number = numbers[at] as number;
    if (number > limit) continue;
    least.add(number);
    if (least.size < 2 * count) continue;
    const sorted = Float64Array.from(least).sort().subarray(0, count);
    limit = sorted[count - 1] as number;
    least = new Set(sorted);
  }
  return Float64Array.from(least).sort()[count - 1] ?? Infinity;
}

export function sampleFile(folder: string, shard: number): string {
  return join(folder, `sample-${shard}`);
}

/** Which rows of a shard a sample may hold. */
export interface Choice {
  /** Of the batch, hexadecimal. */
  readonly key: string;
  /** Those that it does hold, ascending, once the rows of the other shards are known. */
  readonly kept?: Int32Array;
}

interface Sampling {
  readonly columns: NamedColumns;
  readonly limits: IntakeLimits;
  /** Where the rows of each shard are kept. */
  readonly folder: string;
  /** Null where the batch is not known yet: then all rows are told apart, and none are kept. */
  readonly choice: Choice | null;
}

/** Reads a shard and writes the rows of it that a sample of the batch may hold to its file in the folder. */
export async function sampleRows(
  store: ObjectStore,
  { number, shard }: { readonly number: number; readonly shard: Shard },
  { columns: named, limits, folder, choice }: Sampling,
): Promise<SampledShard> {
  let sha256: string | null = null;
  try {
    const pinned = await pinShard(store, shard, limits);
    sha256 = pinned.sha256;
    const table = fixLists(await parseShard(pinned, limits));
    const digests = rowDigests(table, comparedColumns(table, named));
    const columns = table.schema.fields.map(({ name, type }) => ({ name, type: String(type) }));
    if (choice === null) return { sha256, fault: null, columns, digests };
    const { kept = chooseRows(digests, choice.key) } = choice;
    const sample = takeRows(table, kept);
    await orWriteFailed(folder, () => writeFile(sampleFile(folder, number), tableToIPC(sample, 'file')));
    return { sha256, fault: null, columns, digests: Float64Array.from(kept, (row) => digests[row] as number) };
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    return { sha256, fault: error.message, columns: [], digests: new Float64Array(0) };
  }
}

/** What rows are copies of one another by: all columns but those that say who, where and which; probabilities only alone. */
function comparedColumns({ schema }: Table, named: NamedColumns): string[] {
  const inputs = (named.contract?.contract.models ?? []).flatMap((model) => model.inputs);
  const roleOf = (name: string, type: DataType) =>
    roleAsNamed(name, named) ?? roleByName(name) ?? (isPredProbs(name, type) ? 'pred_probs' : undefined);
  const roles = schema.fields.map(({ name, type }) => ({ name, role: roleOf(name, type) }));
  const names = roles
    .filter(({ name, role }) => inputs.includes(name) || !NOT_COMPARED.has(role ?? ''))
    .map(({ name }) => name);
  return names.length > 0 ? names : roles.filter(({ role }) => role === 'pred_probs').map(({ name }) => name);
}
