import { sha256Of } from '../store/index.js';

/** Where what is known of a shard lies in a vault: its name follows from all that it depends on. */
export function resultPath(plan: string, shardPath: string, sha256: string): string {
  const digest = sha256Of(JSON.stringify([plan, shardPath, sha256]));
  return `results/${digest.slice(0, 2)}/${digest}`;
}
