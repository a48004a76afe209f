import { isSettled, readRecords } from '../src/batch/index.js';
import { datasetOf, loadSigningKey } from '../src/config/index.js';
import { dueNotice, enforce } from '../src/enforce/index.js';
import type { BatchJob } from '../src/queue/index.js';
import type { Surroundings } from './surroundings.js';

/** Releases and quarantines what has been decided, and has whoever wants to know told what is held. What had failed before is mended by that. */
export async function enforceJob(
  { store, config, queue }: Surroundings,
  { dataset: name, batch }: BatchJob,
): Promise<void> {
  const dataset = datasetOf(config, name);
  const key = dataset.signingKey === null ? null : loadSigningKey(dataset.signingKey);
  await enforce(store, dataset, batch, key);
  if (isSettled(await readRecords(store, dataset.vault, batch))) await queue.forgetFailed({ dataset: name, batch });
  const due = await dueNotice(store, dataset, batch);
  if (due !== undefined) await queue.addNotice({ dataset: name, batch }, due.settled, { isRetried: false });
}
