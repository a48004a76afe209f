import type { Table } from 'apache-arrow';
import { Transient } from '../errors.js';
import type { ObjectStore } from '../store/index.js';
import type { IntakeLimits } from './limits.js';
import type { Shard } from './locate.js';
import { parseShard } from './parse.js';
import { pinShard } from './pin.js';

/**
 * The rows of a shard that was scored, read once more: what is decided or written by them must be of the same bytes.
 * @throws Transient READ_FAILED, also where `sha256` no longer names them; as pinShard and parseShard
 */
export async function readAgain(
  store: ObjectStore,
  shard: Shard & { readonly sha256: string | null },
  limits: IntakeLimits,
): Promise<Table> {
  const pinned = await pinShard(store, shard, limits);
  if (pinned.sha256 === shard.sha256) return parseShard(pinned, limits);
  throw new Transient('READ_FAILED', { path: shard.uri, detail: 'it has changed since it was scored' });
}
