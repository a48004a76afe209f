import type { PauseRecord } from '../schema/index.js';
import { listOrNone, type ObjectStore } from '../store/index.js';
import { below, numbered } from './names.js';
import { parseRecord, recordBytes } from './record-text.js';

/** What was last said of pausing a dataset. */
export interface PauseState {
  /** How often anything was said. */
  readonly number: number;
  /** Undefined where nothing was. */
  readonly last: PauseRecord | undefined;
}

/** @throws BadInput RECORD_DAMAGED; Transient READ_FAILED */
export async function readPause(store: ObjectStore, vault: string): Promise<PauseState> {
  const folder = below(vault, 'pauses');
  // Few datasets are ever paused: these need no listing.
  if ((await store.find(folder, recordName(1))) === undefined) return { number: 0, last: undefined };
  const objects = await store.list(folder);
  const object = objects.at(-1);
  const last = object && parseRecord<PauseRecord>(await store.read(object.uri), object.uri, 'pause-record');
  // By its name: where one before is missing, the next would be in a place that is taken.
  return { number: Math.max(objects.length, Number.parseInt(object?.path ?? '', 10) || 0), last };
}

/** Says the next after so many; false where somebody has said something since. @throws Transient WRITE_FAILED */
export function addPause(store: ObjectStore, vault: string, after: number, record: PauseRecord): Promise<boolean> {
  return store.create(vault, pausePath(after + 1), recordBytes(record));
}

/** Where what was said at that place lies in a vault. */
export function pausePath(number: number): string {
  return `pauses/${recordName(number)}`;
}

/** What lies there. @throws Transient READ_FAILED */
export async function pausePaths(store: ObjectStore, vault: string): Promise<string[]> {
  return (await listOrNone(store, below(vault, 'pauses'))).map(({ path }) => `pauses/${path}`);
}

function recordName(number: number): string {
  return `${numbered(number)}.json`;
}
