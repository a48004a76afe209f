import type { RedisOptions } from 'bullmq';
import { messageOf, Transient } from '../errors.js';

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;
/** A command line waits about a second for a queue that does not answer. */
const COMMAND_TRIES = 4;

/** Waits for Redis as long as it takes. */
export function patientConnection(url: string): RedisOptions {
  const retryStrategy = (times: number) => Math.min(FIRST_RETRY_MS * 2 ** times, LONGEST_RETRY_MS);
  return { url, maxRetriesPerRequest: null, retryStrategy };
}

/** Gives up soon. */
export function hastyConnection(url: string): RedisOptions {
  const retryStrategy = (times: number) => (times < COMMAND_TRIES ? FIRST_RETRY_MS * 2 ** times : null);
  return { url, maxRetriesPerRequest: COMMAND_TRIES, retryStrategy };
}

/** @throws Transient QUEUE_FAILED for whatever goes wrong with the queue */
export async function orQueueFailed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new Transient('QUEUE_FAILED', { detail: messageOf(cause) }, cause);
  }
}
