import { datasetOf, loadSigningKey } from '../src/config/index.js';
import { enforce } from '../src/enforce/index.js';
import type { BatchJob } from '../src/queue/index.js';
import { notify } from '../src/service/index.js';
import type { Surroundings } from './surroundings.js';

/** Releases and quarantines what has been decided, and tells whoever wants to know what is held. */
export async function enforceJob({ store, config }: Surroundings, { dataset: name, batch }: BatchJob): Promise<void> {
  const dataset = datasetOf(config, name);
  const key = dataset.signingKey === null ? null : loadSigningKey(dataset.signingKey);
  const { decision, shards, withdrawn } = await enforce(store, dataset, batch, key);
  const held = shards
    .filter(({ standing }) => standing !== 'released')
    .map(({ path, standing }) => ({ path, standing }));
  if (dataset.notify !== null && held.length > 0)
    await notify(dataset.notify, { dataset: name, batch, decision, held, withdrawn });
}
