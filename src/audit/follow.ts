import type { AuditEntry } from '../schema/index.js';
import type { ObjectStore } from '../store/index.js';
import { entryName, parseEntry } from './entry.js';

const READ_AT_ONCE = 16;

/**
 * Some of the entries after the one of that number, in order; none where it is the last. Who only wants to know what is new
 * asks for one object then. The chain is not followed.
 * @throws BadInput AUDIT_BROKEN; Transient READ_FAILED
 */
export async function entriesAfter(store: ObjectStore, log: string, sequence: number): Promise<AuditEntry[]> {
  const next = await readEntry(store, log, sequence + 1);
  if (next === undefined) return [];
  const numbers = Array.from({ length: READ_AT_ONCE }, (_, number) => sequence + 2 + number);
  const more = await Promise.all(numbers.map((number) => readEntry(store, log, number)));
  const gap = more.indexOf(undefined);
  return [next, ...more.slice(0, gap < 0 ? more.length : gap)].filter((entry) => entry !== undefined);
}

/** The entry of that number, where there is one. @throws BadInput AUDIT_BROKEN; Transient READ_FAILED */
export async function readEntry(store: ObjectStore, log: string, sequence: number): Promise<AuditEntry | undefined> {
  const path = entryName(sequence);
  const found = await store.find(log, path);
  return found && parseEntry(log, path, await store.read(found.uri, found.version));
}
