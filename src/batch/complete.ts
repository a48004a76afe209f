import type { Dataset } from '../config/index.js';
import { type ObjectStore, sha256Of } from '../store/index.js';
import { MANIFEST_NAME } from '../verify/index.js';
import { batchFolder, below } from './names.js';
import { recordBytes } from './record-text.js';
import type { Arrival } from './seal.js';

/** Objects that say that everything has been uploaded. */
const MARKERS = ['_SUCCESS', MANIFEST_NAME] as const;

/**
 * True when an arrival is a whole batch: its marker is there, or nothing has changed for the quiet time. When it was first
 * seen as it is now is kept in the vault, so that any worker can tell.
 * @throws Transient READ_FAILED, WRITE_FAILED
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
  if (await store.create(vault, name, recordBytes({ at: now.toISOString() }))) return quietSeconds === 0;
  const seen = await store.find(vault, name);
  if (seen === undefined) return false;
  const { at } = JSON.parse(Buffer.from(await store.read(seen.uri)).toString('utf8')) as { readonly at: string };
  return now.getTime() - Date.parse(at) >= quietSeconds * 1000;
}

async function hasMarker(store: ObjectStore, incoming: string, folder: string): Promise<boolean> {
  const found = await Promise.all(MARKERS.map((marker) => store.find(below(incoming, folder), marker)));
  return found.some((object) => object !== undefined);
}
