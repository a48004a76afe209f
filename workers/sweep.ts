import { type Dataset, datasetOf } from '../src/config/index.js';
import type { SweepJob } from '../src/queue/index.js';
import { forEach, pauseOf, reconcile, scheduleArrival, sweepIncoming, sweptNotes } from '../src/schedule/index.js';
import type { Surroundings } from './surroundings.js';

/** Seals and queues what has arrived whole, queues what was sealed by somebody who got no further, and clears up after what is settled. */
export async function sweepJob(around: Surroundings, { dataset: name, folder }: SweepJob): Promise<void> {
  // Of a dataset that was taken out of the configuration; a worker that still has it, or has it already, keeps it swept.
  if (folder === null && !around.config.datasets.has(name)) return around.queue.stopSweeping(name);
  const dataset = datasetOf(around.config, name);
  if ((await pauseOf(around.store, dataset)) !== undefined) return;
  if (folder !== null) return lookAt(around, dataset, folder);
  const swept = around.swept.get(name) ?? sweptNotes(around.store, dataset.vault);
  const seal = () => sweepIncoming(around, dataset, swept);
  const goOn = async () => void (await reconcile(around, dataset, { isRetried: false, forgets: true, swept }));
  await forEach([seal, goOn], (step) => step());
}

/** An event may name what is not there, or not any more. */
async function lookAt(around: Surroundings, dataset: Dataset, folder: string): Promise<void> {
  const folders = await around.store.folders(dataset.incoming);
  if (folders.includes(folder)) await scheduleArrival(around, dataset, folder, { isForced: false });
}
