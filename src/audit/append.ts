import { Transient } from '../errors.js';
import { type ObjectStore, sha256Of } from '../store/index.js';
import { type AuditedAct, entryName, entryText, parseEntry } from './entry.js';

/** So many others may append at the same moment. */
const MOST_TRIES = 100;
/** Where more entries than that have come since, a listing finds the last of them sooner than one look after the other. */
const MOST_STEPS = 8;

interface Last {
  readonly sequence: number;
  readonly sha256: string;
}

/** Log → the last entry that this process has seen of it. Others append as well: it is where to begin, not what is so. */
const seen = new WeakMap<ObjectStore, Map<string, Last>>();

/**
 * Adds an entry to a log, chained to the last one. Of writers at the same moment each gets a place of its own. While no
 * other process appends, it takes two requests however long the log is.
 * @throws BadInput AUDIT_BROKEN where the last entry is none; Transient READ_FAILED, WRITE_FAILED
 */
export async function appendEntry(store: ObjectStore, log: string, act: AuditedAct, now = new Date()): Promise<number> {
  let last = await lastSeen(store, log);
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    const sequence = (last?.sequence ?? 0) + 1;
    const text = entryText(act, { sequence, previous: last?.sha256 ?? null, time: now.toISOString() });
    if (await store.create(log, entryName(sequence), Buffer.from(text))) {
      remember(store, log, { sequence, sha256: sha256Of(Buffer.from(text)) });
      return sequence;
    }
    last = tries % MOST_STEPS === 0 ? await lastListed(store, log) : await entryAt(store, log, sequence);
  }
  throw new Transient('WRITE_FAILED', { path: log, detail: `${MOST_TRIES} others wrote before each try` });
}

/** What is remembered, while that is there: a log that somebody has taken away is not gone on with in its middle. */
async function lastSeen(store: ObjectStore, log: string): Promise<Last | undefined> {
  const last = seen.get(store)?.get(log);
  if (last !== undefined && (await store.find(log, entryName(last.sequence))) !== undefined) return last;
  return lastListed(store, log);
}

function remember(store: ObjectStore, log: string, last: Last): void {
  const logs = seen.get(store) ?? new Map<string, Last>();
  seen.set(store, logs.set(log, last));
}

async function lastListed(store: ObjectStore, log: string): Promise<Last | undefined> {
  const first = await store.find(log, entryName(1));
  if (first === undefined) return undefined;
  const last = (await store.list(log)).at(-1);
  return last && entryAt(store, log, Number.parseInt(last.path, 10));
}

async function entryAt(store: ObjectStore, log: string, sequence: number): Promise<Last> {
  const path = entryName(sequence);
  const found = await store.find(log, path);
  if (found === undefined) throw new Transient('READ_FAILED', { path: `${log}/${path}`, detail: 'it is gone' });
  const content = await store.read(found.uri, found.version);
  parseEntry(log, path, content);
  return { sequence, sha256: sha256Of(content) };
}
