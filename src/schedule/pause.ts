import { addPause, readPause } from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import { auditPause } from '../enforce/index.js';
import { BadInput } from '../errors.js';
import type { PauseRecord } from '../schema/index.js';
import type { ObjectStore } from '../store/index.js';

type Place = Pick<Dataset, 'name' | 'vault'>;

/** Who paused a dataset, when and why; undefined where it is not paused. @throws BadInput RECORD_DAMAGED; Transient READ_FAILED */
export async function pauseOf(store: ObjectStore, { vault }: Pick<Dataset, 'vault'>): Promise<PauseRecord | undefined> {
  const { last } = await readPause(store, vault);
  return last?.kind === 'paused' ? last : undefined;
}

/** @throws BadInput DATASET_PAUSED; and as pauseOf */
export async function requireRunning(store: ObjectStore, place: Place): Promise<void> {
  const pause = await pauseOf(store, place);
  if (pause === undefined) return;
  throw new BadInput('DATASET_PAUSED', { dataset: place.name, since: pause.at, why: pause.why ?? 'nobody says why' });
}

/**
 * Pauses or resumes a dataset, for every worker and command that reads its vault; false where that holds already.
 * @throws BadInput RECORD_DAMAGED, AUDIT_REFUSED; Transient READ_FAILED, WRITE_FAILED
 */
export async function setPause(store: ObjectStore, place: Place, record: PauseRecord): Promise<boolean> {
  for (;;) {
    const { number, last } = await readPause(store, place.vault);
    if ((last?.kind ?? 'resumed') === record.kind) return false;
    // Written down before it holds.
    await auditPause(store, place, record, number + 1);
    if (await addPause(store, place.vault, number, record)) return true;
  }
}
