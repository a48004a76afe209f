import { BadInput } from '../errors.js';
import type { ObjectStore, StoredObject } from './object-store.js';

/** What lies below a root; nothing where that is not there yet, as a folder that nobody has written to. @throws as ObjectStore.list, but for that */
export async function listOrNone(store: Pick<ObjectStore, 'list'>, root: string): Promise<StoredObject[]> {
  return store.list(root).catch((error: unknown) => {
    if (error instanceof BadInput && error.code === 'PATH_MISSING') return [];
    throw error;
  });
}
