import { setTimeout as sleep } from 'node:timers/promises';
import { BadInput, Transient } from '../errors.js';
import type { AuditEntry } from '../schema/index.js';
import { listOrNone, mapAtOnce, type ObjectStore, type StoredObject, saysGone, sha256Of } from '../store/index.js';
import { type AuditedAct, broken, entryName, entryText, parseEntry } from './entry.js';
import { readEntry } from './follow.js';

/** Each begins with the last entry of that moment: who is overtaken so often would be so without end. */
const MOST_TRIES = 100;
/** Those who have lost a place at the same moment would all try for the next one together; longer after each try. */
const PAUSE_MS = 10;
/** Where more entries than that have come since, a listing finds the last of them sooner than one look after the other. */
const MOST_STEPS = 8;
/** So many listings may lack an entry that is there, as it was written while they were made. */
const MOST_LISTINGS = 5;

interface Last {
  readonly sequence: number;
  readonly sha256: string;
}

/** Log → the last entry that this process has seen of it. Others append as well: it is where to begin, not what is so. */
const seen = new WeakMap<ObjectStore, Map<string, Last>>();

/**
 * Adds an entry to a log, chained to the last one. Of writers at the same moment each gets a place of its own. While no
 * other process appends, it takes three requests however long the log is. What this process has seen of the log still has to
 * be there as it was, and what has come since has to follow it without a gap: a broken chain is not gone on with.
 * @throws BadInput AUDIT_REFUSED where an entry is missing, changed, moved or foreign; Transient READ_FAILED, WRITE_FAILED
 */
export async function appendEntry(store: ObjectStore, log: string, act: AuditedAct, now = new Date()): Promise<number> {
  return orRefused(log, () => append(store, log, act, now));
}

/**
 * The same, unless some entry says it: of those who would say the same at the same moment one does. Reads the whole log.
 * @throws as appendEntry
 */
export async function appendOnce(
  store: ObjectStore,
  log: string,
  act: AuditedAct,
  isSaid: (entry: AuditEntry) => boolean,
): Promise<void> {
  let read = 0;
  const isSaidBy = async (sequence: number) => {
    const numbers = Array.from({ length: sequence - read }, (_, index) => read + 1 + index);
    read = sequence;
    const entries = await mapAtOnce(numbers, (number) => readEntry(store, log, number));
    return entries.some((entry) => entry !== undefined && isSaid(entry));
  };
  await orRefused(log, () => append(store, log, act, new Date(), isSaidBy));
}

async function orRefused<T>(log: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BadInput) || error.code !== 'AUDIT_BROKEN') throw error;
    throw new BadInput('AUDIT_REFUSED', { path: log, detail: error.message }, error);
  }
}

/** Answers with the number of the last entry where `isSaidBy` finds that it or one before it says this. */
async function append(
  store: ObjectStore,
  log: string,
  act: AuditedAct,
  now: Date,
  isSaidBy?: (sequence: number) => Promise<boolean>,
): Promise<number> {
  const remembered = seen.get(store)?.get(log);
  let last = remembered ?? (await lastListed(store, log));
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    if (last !== undefined && (await isSaidBy?.(last.sequence)) === true) return last.sequence;
    const sequence = (last?.sequence ?? 0) + 1;
    const text = entryText(act, { sequence, previous: last?.sha256 ?? null, time: now.toISOString() });
    if (await isLast(store, log, last, last === remembered)) {
      if (await store.create(log, entryName(sequence), Buffer.from(text))) {
        remember(store, log, { sequence, sha256: sha256Of(Buffer.from(text)) });
        return sequence;
      }
    }
    if (tries > 1) await sleep(Math.random() * PAUSE_MS * tries);
    last = await lastAfter(store, log, last);
  }
  throw new Transient('WRITE_FAILED', { path: log, detail: `others wrote before each of ${MOST_TRIES} tries` });
}

/**
 * False where an entry follows. What is only remembered has to be there unchanged: a log whose end was cut off or written anew
 * is not gone on with, nor one with later entries and a gap before them, which would be filled with another entry, nor one
 * with something foreign there, which could hide that. A folder may be listed without what is written meanwhile: what a
 * listing lacks is asked for.
 */
async function isLast(
  store: ObjectStore,
  log: string,
  last: Last | undefined,
  isRemembered: boolean,
): Promise<boolean> {
  const [path, expected] = [entryName(last?.sequence ?? 0), entryName((last?.sequence ?? 0) + 1)];
  const around = await listAround(store, log, last);
  if (last !== undefined && isRemembered) {
    const listed = around.find((object) => object.path === path);
    await requireUnchanged(store, log, last, listed ?? (await store.find(log, path)));
  }
  const foreign = around.find((object) => object.path < expected && (last === undefined || object.path !== path));
  if (foreign !== undefined) throw broken(log, foreign.path, 'it is no entry');
  const next = around.find((object) => object.path >= expected);
  if (next === undefined) return true;
  if (next.path === expected || (await store.find(log, expected)) !== undefined) return false;
  throw broken(log, expected, `it is missing; ${next.path} is there instead`);
}

/** The last entry and what comes after it, where nothing foreign lies before. */
function listAround(store: ObjectStore, log: string, last: Last | undefined): Promise<readonly StoredObject[]> {
  const before = last === undefined ? '' : entryName(last.sequence - 1);
  return orBroken(store, log, () => store.listAfter(log, before, 2));
}

async function requireUnchanged(store: ObjectStore, log: string, last: Last, found: StoredObject | undefined) {
  const sha256 = sha256Of(await contentOf(store, log, last.sequence, found));
  if (sha256 === last.sha256) return;
  throw broken(log, entryName(last.sequence), `its SHA-256 is ${sha256}, it was ${last.sha256}`);
}

function remember(store: ObjectStore, log: string, last: Last): void {
  const logs = seen.get(store) ?? new Map<string, Last>();
  seen.set(store, logs.set(log, last));
}

/** The entry in the place that another writer has taken. */
async function entryAfter(store: ObjectStore, log: string, last: Last | undefined): Promise<Last> {
  const sequence = (last?.sequence ?? 0) + 1;
  const content = await findContent(store, log, sequence);
  const { previous } = parseEntry(log, entryName(sequence), content);
  if (previous === (last?.sha256 ?? null)) return { sequence, sha256: sha256Of(content) };
  throw broken(log, entryName(sequence), 'it does not follow the entry before it');
}

/** The last entry by now, after one that others have followed: one look after the other, or by a listing where these are many. */
async function lastAfter(store: ObjectStore, log: string, followed: Last | undefined): Promise<Last | undefined> {
  let last = await entryAfter(store, log, followed);
  for (let steps = 1; steps < MOST_STEPS; steps++) {
    if ((await store.find(log, entryName(last.sequence + 1))) === undefined) return last;
    last = await entryAfter(store, log, last);
  }
  return lastListed(store, log, last.sequence);
}

/** The last entry, not before that of number `least`, where none before it is missing and it follows the one before it. */
async function lastListed(store: ObjectStore, log: string, least = 0): Promise<Last | undefined> {
  const count = await countWhole(store, log, least);
  if (count === 0) return undefined;
  return entryAfter(store, log, count === 1 ? undefined : await entryAt(store, log, count - 1));
}

/** How many entries there are, `least` or more. @throws BadInput AUDIT_BROKEN where one is missing or something else is there */
async function countWhole(store: ObjectStore, log: string, least: number): Promise<number> {
  for (let tries = 1; ; tries++) {
    const paths = await listed(store, log);
    const whole = [...paths, undefined].findIndex((path, index) => path !== entryName(index + 1));
    if (whole >= Math.max(paths.length, least)) return whole;
    const missing = entryName(whole + 1);
    // A folder may be listed without what is written meanwhile.
    if (tries < MOST_LISTINGS && (await store.find(log, missing)) !== undefined) continue;
    const instead = paths[whole];
    throw broken(log, missing, `it is missing${instead === undefined ? '' : `; ${instead} is there instead`}`);
  }
}

async function listed(store: ObjectStore, log: string): Promise<readonly string[]> {
  const objects = await orBroken(store, log, () => listOrNone(store, log));
  return objects.map(({ path }) => path);
}

/** @throws BadInput AUDIT_BROKEN where something lies there whose name no file can have */
async function orBroken<T>(store: ObjectStore, log: string, list: () => Promise<T>): Promise<T> {
  // A log whose own name is none is told as that.
  store.nameOf(log);
  try {
    return await list();
  } catch (error) {
    if (!(error instanceof BadInput) || error.code !== 'USAGE') throw error;
    throw new BadInput('AUDIT_BROKEN', { path: log, detail: error.message }, error);
  }
}

async function entryAt(store: ObjectStore, log: string, sequence: number): Promise<Last> {
  return { sequence, sha256: sha256Of(await findContent(store, log, sequence)) };
}

async function findContent(store: ObjectStore, log: string, sequence: number): Promise<Uint8Array> {
  return contentOf(store, log, sequence, await store.find(log, entryName(sequence)));
}

/** @throws BadInput AUDIT_BROKEN where there is no such entry any more; Transient READ_FAILED */
async function contentOf(
  store: ObjectStore,
  log: string,
  sequence: number,
  found: StoredObject | undefined,
): Promise<Uint8Array> {
  const path = entryName(sequence);
  if (found === undefined) throw broken(log, path, 'it is gone');
  try {
    return await store.read(found.uri, found.version);
  } catch (error) {
    if (!saysGone(error)) throw error;
    throw broken(log, path, 'it is gone');
  }
}
