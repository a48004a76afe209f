import { Redis } from 'ioredis';
import { hastyConnection, orQueueFailed } from './connection.js';

/** What of a Redis decides whether it can hold the queue. */
export interface RedisState {
  /** `7.0.15`. */
  readonly version: string;
  /** What it does when its memory is full. */
  readonly evictionPolicy: string;
  /** Whether it writes each change down (appendonly). */
  readonly keepsChanges: boolean;
}

/** Asks the Redis at an address. @throws Transient QUEUE_FAILED */
export async function redisState(url: string): Promise<RedisState> {
  const { retryStrategy, maxRetriesPerRequest } = hastyConnection(url) as HastyOptions;
  const redis = new Redis(url, { lazyConnect: true, retryStrategy, maxRetriesPerRequest });
  let lost: Error | undefined;
  redis.on('error', (error) => {
    lost = error;
  });
  try {
    return await orQueueFailed(async () => stateIn(await redis.info().catch((error) => Promise.reject(lost ?? error))));
  } finally {
    redis.disconnect();
  }
}

interface HastyOptions {
  readonly retryStrategy: (times: number) => number | null;
  readonly maxRetriesPerRequest: number;
}

function stateIn(info: string): RedisState {
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? 'unknown';
  return {
    version: field('redis_version'),
    evictionPolicy: field('maxmemory_policy'),
    keepsChanges: field('aof_enabled') === '1',
  };
}
