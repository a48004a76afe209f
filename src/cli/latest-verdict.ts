import { verdictName } from '../gate/index.js';
import { anyStore, type StoredObject } from '../store/index.js';

/** Beside released shards each verdict after the first one has a number: the last speaks of all of them. */
export async function latestVerdict(batch: string): Promise<StoredObject | undefined> {
  let latest: StoredObject | undefined;
  for (let number = 1; ; number++) {
    const next = await anyStore.find(batch, verdictName(number));
    if (next === undefined) return latest;
    latest = next;
  }
}
