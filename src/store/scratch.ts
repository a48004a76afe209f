import { mkdtempSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { Transient } from '../errors.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

let areSignalsLeft = false;

/** For a process that lets go of its work in order when it is told to stop: scratch folders then go with it, not before. */
export function leaveSignals(): void {
  areSignalsLeft = true;
}

function makeFolder(parent: string): string {
  try {
    return mkdtempSync(join(parent, '.taster-'));
  } catch (cause) {
    throw new Transient('WRITE_FAILED', { path: parent, detail: (cause as Error).message }, cause);
  }
}

export interface Scratch {
  readonly folder: string;
  discard(): void;
}

const openFolders = new Set<string>();

function removeAll(): void {
  for (const folder of openFolders) rmSync(folder, { recursive: true, force: true });
}

function stop(signal: NodeJS.Signals): void {
  process.exit(128 + (constants.signals[signal] ?? 0));
}

/**
 * A new folder in `parent`, readable by this user alone; gone when it is discarded, and also when the process exits or
 * is told to stop before. Without one, signals end the process at once, whatever it computes; with one, only when it
 * pauses: so it is opened late and discarded early.
 */
export function openScratch(parent: string): Scratch {
  // Before there is a folder: a signal that comes while it is made waits until all of this is done.
  if (openFolders.size === 0) listen();
  try {
    const folder = makeFolder(parent);
    openFolders.add(folder);
    return {
      folder,
      discard: () => {
        rmSync(folder, { recursive: true, force: true });
        openFolders.delete(folder);
        if (openFolders.size === 0) stopListening();
      },
    };
  } catch (error) {
    if (openFolders.size === 0) stopListening();
    throw error;
  }
}

/** Once, however many folders are open. */
function listen(): void {
  process.once('exit', removeAll);
  for (const signal of areSignalsLeft ? [] : SIGNALS) process.once(signal, stop);
}

function stopListening(): void {
  process.off('exit', removeAll);
  for (const signal of SIGNALS) process.off(signal, stop);
}

/** Runs `work` with a scratch folder. */
export async function withScratch<T>(parent: string, work: (folder: string) => Promise<T>): Promise<T> {
  const scratch = openScratch(parent);
  try {
    return await work(scratch.folder);
  } finally {
    scratch.discard();
  }
}
