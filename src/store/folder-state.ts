import type { RefusedObject, StoredObject } from './object-store.js';
import { sha256Of } from './sha256.js';

/** The state of a folder in which these objects are listed, in whatever order, and these may not be read. */
export function stateOf(
  objects: readonly Omit<StoredObject, 'uri'>[],
  refused: readonly Omit<RefusedObject, 'uri'>[] = [],
): string {
  const lines = objects.map(({ path, bytes, version = '' }) => JSON.stringify([path, bytes, version]));
  const others = refused.map(({ path, why }) => JSON.stringify([path, why]));
  return sha256Of([...lines, ...others].sort().join('\n'));
}
