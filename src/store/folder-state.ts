import type { StoredObject } from './object-store.js';
import { sha256Of } from './sha256.js';

/** The state of a folder in which these objects are listed, in whatever order. */
export function stateOf(objects: readonly Omit<StoredObject, 'uri'>[]): string {
  const lines = objects.map(({ path, bytes, version = '' }) => JSON.stringify([path, bytes, version]));
  return sha256Of(lines.sort().join('\n'));
}
