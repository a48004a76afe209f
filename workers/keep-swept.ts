import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceConfig } from '../src/config/index.js';
import type { JobQueue, Watcher } from '../src/queue/index.js';

/** Has every dataset swept until `ended`: workers whose configuration lacks one take its sweeps away. */
export async function keepSwept(
  queue: Pick<JobQueue, 'isSwept' | 'keepSweeping'>,
  { datasets, worker: { sweepSeconds } }: Pick<ServiceConfig, 'datasets' | 'worker'>,
  { onLost }: Pick<Watcher, 'onLost'>,
  ended: AbortSignal,
): Promise<void> {
  const keepAll = async () => {
    for (const dataset of datasets.keys()) {
      if (!(await queue.isSwept(dataset))) await queue.keepSweeping(dataset, sweepSeconds);
    }
  };
  while (!ended.aborted) {
    await sleep(sweepSeconds * 1000, undefined, { signal: ended }).catch(() => {});
    if (!ended.aborted) await keepAll().catch(onLost);
  }
}
