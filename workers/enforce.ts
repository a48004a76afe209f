import { datasetOf, loadSigningKey } from '../src/config/index.js';
import { enforce } from '../src/enforce/index.js';
import type { BatchJob } from '../src/queue/index.js';
import { heldIn } from './notify.js';
import type { Surroundings } from './surroundings.js';

/** Releases and quarantines what has been decided, and has whoever wants to know told what is held. */
export async function enforceJob(
  { store, config, queue }: Surroundings,
  { dataset: name, batch }: BatchJob,
): Promise<void> {
  const dataset = datasetOf(config, name);
  const key = dataset.signingKey === null ? null : loadSigningKey(dataset.signingKey);
  const enforced = await enforce(store, dataset, batch, key);
  if (dataset.notify !== null && heldIn(enforced).length > 0) await queue.addNotice({ dataset: name, batch });
}
