import { Bug } from '../errors.js';
import type { Seal, SealedShard } from '../schema/index.js';

/** A shard as it was sealed. */
export function sealedShard({ batch, shards }: Seal, path: string): SealedShard {
  const shard = shards.find((one) => one.path === path);
  if (shard === undefined) throw new Bug(`batch ${batch} has no shard ${path}`);
  return shard;
}
