import type { SealedShard } from '../src/schema/index.js';
import { type ObjectStore, saysGone, sha256OfAll } from '../src/store/index.js';

/** SHA-256 of what a shard holds now; null where it is gone. @throws Transient READ_FAILED where the store fails: that says nothing about a shard */
export async function hashNow(store: ObjectStore, { uri, version }: SealedShard): Promise<string | null> {
  try {
    return await sha256OfAll(store.stream(uri, version));
  } catch (error) {
    if (saysGone(error)) return null;
    throw error;
  }
}
