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

/** Where what a batch without a baseline is judged by lies in a vault: by its own digest, so that nothing else can take its place. */
export function fitPath(sha256: string): string {
  return `fits/${sha256}`;
}

function resultOf(inputs: readonly string[]): string {
  const digest = sha256Of(JSON.stringify(inputs));
  return `results/${digest.slice(0, 2)}/${digest}`;
}
