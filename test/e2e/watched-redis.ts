import { Redis } from 'ioredis';
import { type RedisServer, startRedis } from '../../servers/redis.js';

/** Redis, and what workers are doing by it. */
export interface WatchedRedis extends RedisServer {
  /** Tasks of a stage that workers are at. */
  active(stage: 'assess' | 'decide' | 'enforce'): Promise<string[]>;
}

export async function startWatchedRedis(): Promise<WatchedRedis> {
  const redis = await startRedis();
  const asked = new Redis(redis.url);
  // Tests restart it.
  asked.on('error', () => {});
  return {
    ...redis,
    active: async (stage) => {
      const ids = await asked.lrange(`bull:taster-${stage}:active`, 0, -1);
      return ids.map((id) => id.split('-')[0] ?? '');
    },
    stop: async () => {
      asked.disconnect();
      await redis.stop();
    },
  };
}
