import type { IncidentRecord } from '../schema/index.js';
import { type ObjectStore, sha256Of } from '../store/index.js';
import { recordBytes } from './record-text.js';

/** Keeps the record of a recall in the vault of a dataset that it is about, by its digest. @throws Transient WRITE_FAILED */
export async function addIncident(store: ObjectStore, vault: string, incident: IncidentRecord): Promise<void> {
  const bytes = recordBytes(incident);
  await store.create(vault, `incidents/${sha256Of(bytes)}.json`, bytes);
}
