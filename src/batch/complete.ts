import type { Dataset } from '../config/index.js';
import type { SeenNote } from '../schema/index.js';
import { type ObjectStore, sha256Of } from '../store/index.js';
import { MANIFEST_NAME } from '../verify/index.js';
import { batchFolder, below } from './names.js';
import { readRecord, recordBytes } from './record-text.js';
import type { Arrival } from './seal.js';

/** Objects that say that everything has been uploaded. */
const MARKERS = ['_SUCCESS', MANIFEST_NAME] as const;

/**
 * True when an arrival is a whole batch: its marker is there, or nothing has changed for the quiet time. When it was first
 * seen as it is now is kept in the vault, so that any worker can tell.
 * @throws BadInput RECORD_DAMAGED; Transient READ_FAILED, WRITE_FAILED
 */
export async function isComplete(
  store: ObjectStore,
  { incoming, vault, quietSeconds }: Dataset,
  { folder, batch, sealed, shards }: Arrival,
  now: Date,
): Promise<boolean> {
  if (shards.length === 0) return false;
  // What comes after the marker has none of its own.
  if (sealed.length === 0 && (await hasMarker(store, incoming, folder))) return true;
  const name = `${batchFolder(batch)}/seen/${sha256Of(JSON.stringify(shards))}.json`;
  const note: SeenNote = { at: now.toISOString() };
  if (await store.create(vault, name, recordBytes(note))) return quietSeconds === 0;
  const seen = await readRecord<SeenNote>(store, vault, name, 'seen');
  return seen !== undefined && now.getTime() - Date.parse(seen.at) >= quietSeconds * 1000;
}

async function hasMarker(store: ObjectStore, incoming: string, folder: string): Promise<boolean> {
  const found = await Promise.all(MARKERS.map((marker) => store.find(below(incoming, folder), marker)));
  return found.some((object) => object !== undefined);
}
