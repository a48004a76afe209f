import { below, recordBytes } from '../batch/index.js';
import type { SweptNote } from '../schema/index.js';
import { type FolderState, listOrNone, type ObjectStore, sha256Of } from '../store/index.js';

/**
 * Where a folder lies: one of shards below the incoming prefix, or of records of a batch in the vault. `unassessed`: the same,
 * and shards of it could not be assessed, which is left to whoever asks for it.
 */
type Place = 'incoming' | 'batch' | 'unassessed';

/**
 * High-water marks of sweeps: of folders that nothing is left to do for while they are listed as they were. Notes of the
 * vault, so that no worker opens them again; what is added later changes the listing, and is seen.
 */
export interface SweptNotes {
  has(place: Place, folder: FolderState): Promise<boolean>;
  add(place: Place, folder: FolderState): Promise<void>;
}

/** The notes of a vault, listed when first asked for. */
export function sweptNotes(store: ObjectStore, vault: string): SweptNotes {
  const root = below(vault, 'swept');
  let listed: Promise<Set<string>> | undefined;
  const known = async () => {
    listed ??= listNotes(store, root);
    try {
      return await listed;
    } catch (error) {
      listed = undefined;
      throw error;
    }
  };
  return {
    has: async (place, { name, state }) => state !== undefined && (await known()).has(noteName(place, name, state)),
    add: async (place, { name, state }) => {
      if (state === undefined) return;
      const note = noteName(place, name, state);
      const content: SweptNote = { [place]: name, state };
      await store.create(root, note, recordBytes(content));
      (await known()).add(note);
    },
  };
}

async function listNotes(store: ObjectStore, root: string): Promise<Set<string>> {
  return new Set((await listOrNone(store, root)).map(({ path }) => path));
}

/** A digest: names of folders may be as long as a file's name can be. */
function noteName(place: Place, name: string, state: string): string {
  return `${sha256Of(JSON.stringify([place, name, state]))}.json`;
}
