import { BadInput } from '../errors.js';
import { type ObjectStore, sha256Of } from '../store/index.js';
import { beyondLimit, defaultLimits, type IntakeLimits } from './limits.js';
import type { Shard } from './locate.js';

/** A shard together with the very bytes that were hashed, so that what is judged is what the digest names. */
export interface PinnedShard extends Shard {
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  readonly content: Uint8Array;
}

/**
 * Reads a shard once and names its bytes by digest.
 * @throws BadInput SHARD_UNREADABLE when it is refused, or larger than `limits.shardBytes`; as ObjectStore.read
 */
export async function pinShard(
  store: ObjectStore,
  shard: Shard,
  limits: IntakeLimits = defaultLimits,
): Promise<PinnedShard> {
  assertMayRead(shard, limits);
  const content = await store.read(shard.uri, shard.version);
  const sha256 = sha256Of(content);
  return { ...shard, bytes: content.length, sha256, content };
}

/** @throws BadInput SHARD_UNREADABLE when it is refused, or larger than `limits.shardBytes` */
export function assertMayRead({ path, bytes, refused }: Shard, limits: Pick<IntakeLimits, 'shardBytes'>): void {
  if (refused !== undefined) throw new BadInput('SHARD_UNREADABLE', { path, format: 'a shard', detail: refused });
  if (bytes <= limits.shardBytes) return;
  const { message: detail } = beyondLimit(`it has ${bytes} bytes, more than`, 'shardBytes', limits);
  throw new BadInput('SHARD_UNREADABLE', { path, format: 'one shard', detail });
}
