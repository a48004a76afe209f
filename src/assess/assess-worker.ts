import { readFile } from 'node:fs/promises';
import { type Baseline, decodeBaseline } from '../baseline/index.js';
import type { NamedColumns } from '../encode/index.js';
import { Bug } from '../errors.js';
import type { Shard } from '../intake/index.js';
import { type Backend, startBackend } from '../linear/index.js';
import { fileStore } from '../store/index.js';
import { describeFailure, type Failure } from './failure.js';
import { assess } from './read-shard.js';
import type { ShardAssessment } from './types.js';

/** What a child needs before its first shard. */
export interface Preparation {
  readonly baselineFile: string;
  readonly backend: Backend;
  readonly columns: NamedColumns;
}

/** Errors travel as data: what the pool itself raises then always means that the child died. */
export type Reply<Value> = { readonly value: Value } | { readonly failure: Failure };

let prepared: { readonly baseline: Baseline; readonly columns: NamedColumns } | undefined;

async function reply<Value>(work: () => Promise<Value>): Promise<Reply<Value>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { failure: describeFailure(error) };
  }
}

/** Starts the tensor backend and reads the baseline. */
export function prepareChild({ baselineFile, backend, columns }: Preparation): Promise<Reply<boolean>> {
  return reply(async () => {
    await startBackend(backend);
    prepared = { baseline: decodeBaseline(await readFile(baselineFile), baselineFile), columns };
    return true;
  });
}

export function assessInChild(shard: Shard): Promise<Reply<ShardAssessment>> {
  return reply(async () => {
    if (prepared === undefined) throw new Bug('a child was given a shard before its baseline');
    return assess(fileStore, shard, prepared.baseline, prepared.columns);
  });
}
