import type { Dataset } from '../config/index.js';
import type { SeenNote } from '../schema/index.js';
import { type ObjectStore, sha256Of } from '../store/index.js';
import { MANIFEST_NAME } from '../verify/index.js';
import { batchFolder, below } from './names.js';
import { readRecord, recordBytes } from './record-text.js';
import { type Arrival, findArrival } from './seal.js';

/** Objects that say that everything has been uploaded. */
const MARKERS = ['_SUCCESS', MANIFEST_NAME] as const;

/**
 * What has arrived, when that is a whole batch: its marker is there, or nothing has changed for the quiet time; else undefined.
 * When it was first seen as it is now is kept in the vault, so that any worker can tell.
 * @throws BadInput PATH_MISSING, RECORD_DAMAGED; Transient READ_FAILED, WRITE_FAILED
 */
export async function findWhole(
  store: ObjectStore,
  dataset: Dataset,
  arrival: Arrival,
  now: Date,
): Promise<Arrival | undefined> {
  const { folder, sealed, shards } = arrival;
  if (shards.length === 0) return undefined;
  // What comes after the marker has none of its own; what came before it may have come after the listing.
  if (sealed.length === 0 && (await hasMarker(store, dataset.incoming, folder))) {
    return findArrival(store, dataset, folder);
  }
  return (await isQuiet(store, dataset, arrival, now)) ? arrival : undefined;
}

async function isQuiet(
  store: ObjectStore,
  { vault, quietSeconds }: Dataset,
  { batch, shards }: Arrival,
  now: Date,
): Promise<boolean> {
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
