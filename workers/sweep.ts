import { datasetOf } from '../src/config/index.js';
import type { SweepJob } from '../src/queue/index.js';
import { forEach, pauseOf, reconcile, scheduleArrival } from '../src/schedule/index.js';
import type { Surroundings } from './surroundings.js';

/** Seals and queues what has arrived whole, and queues what was sealed by somebody who got no further. */
export async function sweepJob(around: Surroundings, { dataset: name, folder }: SweepJob): Promise<void> {
  const dataset = datasetOf(around.config, name);
  if ((await pauseOf(around.store, dataset)) !== undefined) return;
  const folders = await around.store.folders(dataset.incoming);
  // An event may name what is not there, or not any more.
  const arrivals = folders.filter((known) => folder === null || known === folder);
  const seal = () =>
    forEach(arrivals, async (one) => void (await scheduleArrival(around, dataset, one, { isForced: false })));
  const settled = around.settled.get(name) ?? new Set();
  const goOn = async () => void (folder === null && (await reconcile(around, dataset, { isRetried: false, settled })));
  await forEach([seal, goOn], (step) => step());
}
