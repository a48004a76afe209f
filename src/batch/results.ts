import { sha256Of } from '../store/index.js';

/**
 * Where what is known of a shard lies in a vault: its name follows from all that it depends on. `judgedBy` is the plan, or
 * the fit that takes the place of a baseline.
 */
export function resultPath(judgedBy: string, shardPath: string, sha256: string): string {
  return resultOf([judgedBy, shardPath, sha256]);
}

/** Where the rows of a shard are told apart, before anything is fitted. */
export function digestsPath(plan: string, shardPath: string, sha256: string): string {
  return resultOf([plan, 'digests', shardPath, sha256]);
}

/** What is fitted on these shards, by a plan without a baseline; `sha256` is null where a shard could not be read. */
export function fitName(
  plan: string,
  shards: readonly { readonly path: string; readonly sha256: string | null }[],
): string {
  return sha256Of(JSON.stringify([plan, shards.map(({ path, sha256 }) => [path, sha256])]));
}

export function fitPath(name: string): string {
  return `fits/${name}`;
}

function resultOf(inputs: readonly string[]): string {
  const digest = sha256Of(JSON.stringify(inputs));
  return `results/${digest.slice(0, 2)}/${digest}`;
}
