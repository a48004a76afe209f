import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { startRedis } from '../../servers/redis.js';
import { loadConfig } from '../../src/config/index.js';
import { openQueue } from '../../src/queue/index.js';
import { anyStore } from '../../src/store/index.js';
import { runWorker } from '../../workers/main.js';
import { rootsBelow, until } from '../e2e/service.js';
import { temporaryFolder } from '../temporary-folder.js';

const at = temporaryFolder();

it('are those of the configuration: sweeps of others end, and those that another worker has ended begin again', async () => {
  const redis = await startRedis();
  const queue = openQueue(redis.url, { attempts: 1, waits: true });
  const datasets = { known: rootsBelow(at('known')) };
  writeFileSync(at('config.json'), JSON.stringify({ worker: { sweepSeconds: 1 }, datasets }));
  await queue.keepSweeping('removed', 1);
  const failed: string[] = [];
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const working = runWorker({
    store: anyStore,
    config: loadConfig(at('config.json')),
    redisUrl: redis.url,
    queue,
    watcher: { onDone: () => {}, onLost: () => {}, onFailed: (_, __, error) => void failed.push(error.message) },
    meter: { onAssessed: () => {}, onSpent: () => {}, onHeld: () => {} },
    onReady: () => {},
    stopped,
  });
  try {
    await until(async () => !(await queue.isSwept('removed')) && (await queue.isSwept('known')));
    await queue.stopSweeping('known');
    await until(() => queue.isSwept('known'));
    expect(failed).toEqual([]);
  } finally {
    stop();
    await working;
    await queue.close();
    await redis.stop();
  }
});
