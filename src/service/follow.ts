import { setTimeout as sleep } from 'node:timers/promises';
import { type BatchEvent, followBatches } from '../checkup/index.js';
import type { Dataset } from '../config/index.js';
import { BadInput, Transient } from '../errors.js';
import type { ObjectStore } from '../store/index.js';
import type { BatchMetrics } from './batch-metrics.js';
import type { Log } from './log.js';

/** New batches take minutes, reviews hours; each look costs a request a dataset. */
const LOOK_EVERY_MS = 15_000;

export interface VaultReading {
  readonly store: ObjectStore;
  readonly datasets: Iterable<Dataset>;
  readonly metrics: BatchMetrics;
  readonly log: Pick<Log, 'onTrouble'>;
}

/** Counts what happens to batches, each dataset by itself, until `stopped`; what cannot be read now is read later. */
export async function countBatches(
  { store, datasets, metrics, log }: VaultReading,
  stopped: AbortSignal,
  everyMs = LOOK_EVERY_MS,
): Promise<void> {
  await Promise.all([...datasets].map((dataset) => countDataset(dataset)));

  async function countDataset(dataset: Dataset): Promise<void> {
    const { name } = dataset;
    const following = followBatches(store, dataset);
    let told: BatchEvent[] = [];
    const countAll = async () => {
      const now = Date.now();
      for (let some = await following.next(); some.length > 0 && !stopped.aborted; some = await following.next()) {
        told.push(...some);
      }
      const waiting = await following.waiting();
      // All at once: a counter that grew while the past is read would look as if all of it happened today.
      for (const event of told) metrics.count(name, event);
      told = [];
      metrics.setWaiting(name, waiting, now);
    };
    while (!stopped.aborted) {
      await countAll().catch((error: unknown) => {
        if (!(error instanceof BadInput || error instanceof Transient)) throw error;
        log.onTrouble('metrics of batches are not up to date', { dataset: name, error: error.message });
      });
      await sleep(everyMs, undefined, { signal: stopped }).catch(() => {});
    }
  }
}
