import { mkdtempSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { Transient } from '../errors.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function makeFolder(parent: string): string {
  try {
    return mkdtempSync(join(parent, '.taster-'));
  } catch (cause) {
    throw new Transient('WRITE_FAILED', { path: parent, detail: (cause as Error).message }, cause);
  }
}

/**
 * Runs `work` with a new folder in `parent`, readable by this user alone and gone afterwards, also when the process
 * exits or is told to stop in between. At other times signals end the process at once, whatever it computes.
 */
export async function withScratch<T>(parent: string, work: (folder: string) => Promise<T>): Promise<T> {
  // Synchronous: no signal can come between making the folder and promising to remove it.
  const folder = makeFolder(parent);
  const discard = () => rmSync(folder, { recursive: true, force: true });
  const stop = (signal: NodeJS.Signals) => process.exit(128 + (constants.signals[signal] ?? 0));
  process.once('exit', discard);
  for (const signal of SIGNALS) process.once(signal, stop);
  try {
    return await work(folder);
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
    process.off('exit', discard);
    discard();
  }
}
