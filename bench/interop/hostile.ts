import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Check } from './check.js';
import type { Outcome } from './hostile-child.js';

const CHILD = fileURLToPath(new URL('./hostile-child.js', import.meta.url));
const MOST_MS = 10_000;
const MOST_BYTES = 2 ** 30;

let child: ChildProcess | undefined;

/** Each broken file ends as a refusal or a valid table, in time, in memory, and without the end of its process. */
export async function hostileChecks(folder: string): Promise<Check[]> {
  const names = await readdir(folder);
  return names.map((name) => ({ name: join(folder, name), run: () => checkHostile(join(folder, name)) }));
}

async function checkHostile(path: string): Promise<void> {
  child ??= fork(CHILD);
  const abort = new AbortController();
  const { signal } = abort;
  child.send(path);
  const outcome = await Promise.race([
    once(child, 'message', { signal }).then(([message]) => message as Outcome),
    once(child, 'exit', { signal }).then(([code, killer]) => `its process ended (${code ?? killer})`),
    setTimeout(MOST_MS, `nothing came of it within ${MOST_MS} ms`, { signal }),
  ]);
  abort.abort();
  if (typeof outcome === 'string') {
    stopHostile();
    throw new Error(outcome);
  }
  if (outcome.failed !== undefined) throw new Error(outcome.failed);
  if (outcome.peakBytes > MOST_BYTES) {
    stopHostile();
    throw new Error(`its process grew to ${outcome.peakBytes} bytes`);
  }
}

/** Also where the process hangs. */
export function stopHostile(): void {
  child?.kill('SIGKILL');
  child = undefined;
}
