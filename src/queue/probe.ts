import { setTimeout as sleep } from 'node:timers/promises';

const LONGEST_MS = 2_000;

/**
 * Finds out whether a queue answers soon. It is asked once at a time, however many want to know: what is asked of a lost
 * Redis waits in memory until it is back.
 */
export function openProbe(ask: () => Promise<unknown>): () => Promise<void> {
  let asked: Promise<unknown> | undefined;
  return async () => {
    asked ??= ask().finally(() => {
      asked = undefined;
    });
    const ended = new AbortController();
    const tooLate = sleep(LONGEST_MS, undefined, { signal: ended.signal }).then(() => {
      throw new Error(`no answer within ${LONGEST_MS / 1000} s`);
    });
    await Promise.race([asked, tooLate]).finally(() => ended.abort());
  };
}
