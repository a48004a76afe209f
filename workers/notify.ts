import { datasetOf } from '../src/config/index.js';
import { type Enforced, readEnforced } from '../src/enforce/index.js';
import type { NoticeJob } from '../src/queue/index.js';
import { notify } from '../src/service/index.js';
import type { Surroundings } from './surroundings.js';

/** Tells whoever wants to know what is held of a batch by now. @throws Transient NOTIFY_FAILED, READ_FAILED; BadInput RECORD_DAMAGED */
export async function notifyJob(
  { store, config }: Pick<Surroundings, 'store' | 'config'>,
  { dataset: name, batch }: NoticeJob,
): Promise<void> {
  const dataset = datasetOf(config, name);
  const enforced = await readEnforced(store, dataset, batch);
  const held = heldIn(enforced);
  if (dataset.notify === null || held.length === 0) return;
  const { decision, withdrawn } = enforced;
  await notify(dataset.notify, { dataset: name, batch, decision, held, withdrawn });
}

export function heldIn({ shards }: Enforced): Enforced['shards'] {
  return shards.filter(({ standing }) => standing !== 'released').map(({ path, standing }) => ({ path, standing }));
}
