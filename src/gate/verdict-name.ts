import type { ObjectStore, StoredObject } from '../store/index.js';

/** Where a verdict lies beside the shards it speaks of. */
export const VERDICT_NAME = 'verdict.json';

/** Beside the released shards of a batch: the first, and those that follow reviews; names that begin so are never data. */
export function verdictName(number: number): string {
  return number === 1 ? VERDICT_NAME : `_verdict-${number}.json`;
}

/**
 * The verdicts of one folder below a root, from number `first` on, in order: each speaks of all shards of its batch.
 * `folder` is empty or ends in a slash. @throws Transient READ_FAILED
 */
export async function verdictsIn(store: ObjectStore, root: string, folder: string, first = 1): Promise<StoredObject[]> {
  const found: StoredObject[] = [];
  for (let number = first; ; number++) {
    const object = await store.find(root, folder + verdictName(number));
    if (object === undefined) return found;
    found.push(object);
  }
}
