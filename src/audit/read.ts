import { BadInput } from '../errors.js';
import type { AuditEntry } from '../schema/index.js';
import { mapAtOnce, type ObjectStore, sha256Of } from '../store/index.js';
import { broken, entryName, parseEntry } from './entry.js';

/** A log has an entry for each batch and each reader: ten thousand of them, one request after another, take minutes. */
const READ_AT_ONCE = 32;

/** A log whose entries follow one another. */
export interface AuditLog {
  readonly entries: readonly AuditEntry[];
  /** Of the last entry's object; null for an empty log. */
  readonly sha256: string | null;
  /** Entry → SHA-256 of its object. */
  readonly digests: readonly string[];
}

/** The entries of a log; none where nobody has written to it yet. @throws as readLog, but for that */
export async function entriesOf(store: ObjectStore, log: string): Promise<readonly AuditEntry[]> {
  try {
    return (await readLog(store, log)).entries;
  } catch (error) {
    if (error instanceof BadInput && error.code === 'PATH_MISSING') return [];
    throw error;
  }
}

/**
 * Reads a whole log and follows its chain.
 * @throws BadInput AUDIT_BROKEN where an entry is missing, changed, moved or foreign; PATH_MISSING; Transient READ_FAILED
 */
export async function readLog(store: ObjectStore, log: string): Promise<AuditLog> {
  const objects = await store.list(log);
  const misplaced = objects.findIndex(({ path }, index) => path !== entryName(index + 1));
  if (misplaced >= 0) {
    throw broken(log, entryName(misplaced + 1), `it is missing; ${objects[misplaced]?.path} is there instead`);
  }
  const read = await mapAtOnce(
    objects,
    async ({ path, uri, version }) => {
      const content = await store.read(uri, version);
      return { path, entry: parseEntry(log, path, content), sha256: sha256Of(content) };
    },
    READ_AT_ONCE,
  );
  const unchained = read.find(({ entry }, index) => entry.previous !== (read[index - 1]?.sha256 ?? null));
  if (unchained !== undefined) throw broken(log, unchained.path, 'it does not follow the entry before it');
  const [entries, digests] = [read.map(({ entry }) => entry), read.map(({ sha256 }) => sha256)];
  if (entries.length === 0) throw new BadInput('AUDIT_BROKEN', { path: log, detail: 'holds no entry' });
  return { entries, digests, sha256: digests.at(-1) ?? null };
}
