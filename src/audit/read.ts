import { BadInput } from '../errors.js';
import type { AuditEntry } from '../schema/index.js';
import { type ObjectStore, sha256Of } from '../store/index.js';
import { broken, entryName, parseEntry } from './entry.js';

const READ_AT_ONCE = 16;

/** A log whose entries follow one another. */
export interface AuditLog {
  readonly entries: readonly AuditEntry[];
  /** Of the last entry's object; null for an empty log. */
  readonly sha256: string | null;
  /** Entry → SHA-256 of its object. */
  readonly digests: readonly string[];
}

/**
 * Reads a whole log and follows its chain.
 * @throws BadInput AUDIT_BROKEN where an entry is missing, changed, moved or foreign; PATH_MISSING; Transient READ_FAILED
 */
export async function readLog(store: ObjectStore, log: string): Promise<AuditLog> {
  const objects = await store.list(log);
  const entries: AuditEntry[] = [];
  const digests: string[] = [];
  for (let from = 0; from < objects.length; from += READ_AT_ONCE) {
    const some = objects.slice(from, from + READ_AT_ONCE);
    const contents = await Promise.all(some.map(({ uri, version }) => store.read(uri, version)));
    for (const [index, content] of contents.entries()) {
      const path = some[index]?.path ?? '';
      const expected = entryName(entries.length + 1);
      if (path !== expected) throw broken(log, expected, `it is missing; ${path} is there instead`);
      const entry = parseEntry(log, path, content);
      if (entry.previous !== (digests.at(-1) ?? null))
        throw broken(log, path, 'it does not follow the entry before it');
      entries.push(entry);
      digests.push(sha256Of(content));
    }
  }
  if (entries.length === 0) throw new BadInput('AUDIT_BROKEN', { path: log, detail: 'holds no entry' });
  return { entries, digests, sha256: digests.at(-1) ?? null };
}
