import { datasetOf } from '../src/config/index.js';
import { dueNotice, keepTold } from '../src/enforce/index.js';
import type { NoticeJob } from '../src/queue/index.js';
import { notify } from '../src/service/index.js';
import type { Surroundings } from './surroundings.js';

/** Tells whoever wants to know what is held of a batch by now. @throws Transient NOTIFY_FAILED, READ_FAILED, WRITE_FAILED; BadInput RECORD_DAMAGED */
export async function notifyJob(
  { store, config }: Pick<Surroundings, 'store' | 'config'>,
  { dataset: name, batch }: NoticeJob,
): Promise<void> {
  const dataset = datasetOf(config, name);
  const due = await dueNotice(store, dataset, batch);
  if (dataset.notify === null || due === undefined) return;
  await notify(dataset.notify, due.notice);
  await keepTold(store, dataset.vault, due);
}
