import {
  addRecord,
  currentJudgement,
  findArrival,
  hasBaseline,
  isComplete,
  isSettled,
  pendingPlan,
  readRecords,
  readSeal,
  sealArrival,
  sealedBatches,
  storePlan,
} from '../batch/index.js';
import type { Dataset, ServiceConfig } from '../config/index.js';
import { sealNow } from '../enforce/index.js';
import { BadInput } from '../errors.js';
import type { JobQueue } from '../queue/index.js';
import type { ObjectStore } from '../store/index.js';
import { forEach } from './each.js';
import { requireRunning } from './pause.js';

export interface Scheduling {
  readonly store: ObjectStore;
  readonly queue: JobQueue;
  readonly config: Pick<ServiceConfig, 'backend'>;
}

/**
 * Seals what has arrived in a folder, once it is whole or `isForced`, and queues it; returns the batch, or undefined where
 * there is none to seal.
 * @throws BadInput PATH_MISSING, RECORD_DAMAGED, as storePlan; Transient QUEUE_FAILED, READ_FAILED, WRITE_FAILED
 */
export async function scheduleArrival(
  around: Scheduling,
  dataset: Dataset,
  folder: string,
  { isForced }: { readonly isForced: boolean },
): Promise<string | undefined> {
  const { store } = around;
  const arrival = await findArrival(store, dataset, folder);
  if (!isForced && !(await isComplete(store, dataset, arrival, new Date()))) return undefined;
  const batch = await sealArrival(store, dataset, arrival);
  if (batch !== undefined) await scheduleBatch(around, dataset, batch, { isRetried: true });
  return batch;
}

type Scheduled = 'unsealed' | 'settled' | 'known' | 'queued';

/** Queues a sealed batch unless it is queued or settled; one that is judged keeps its judgement. @throws as scheduleArrival */
async function scheduleBatch(
  { store, queue, config }: Scheduling,
  dataset: Dataset,
  batch: string,
  options: { readonly isRetried: boolean },
): Promise<Scheduled> {
  const seal = await readSeal(store, dataset.vault, batch);
  if (seal === undefined) return 'unsealed';
  const records = await readRecords(store, dataset.vault, batch);
  if (isSettled(records)) return 'settled';
  const pending = pendingPlan(records);
  const judgement = currentJudgement(records);
  const plan = pending ?? judgement?.plan ?? (await storePlan(store, dataset, config.backend));
  const isAssessed = judgement !== undefined && pending === undefined;
  const shards =
    isAssessed || !(await hasBaseline(store, dataset.vault, plan))
      ? []
      : (await sealNow(store, dataset, seal, records)).shards;
  const isNew = await queue.addBatch({ dataset: dataset.name, batch, plan }, shards, options);
  return isNew ? 'queued' : 'known';
}

/**
 * Has a batch judged again by what the configuration names now; returns the plan, or undefined where the judgement that
 * holds follows it already.
 * @throws BadInput DATASET_PAUSED, BATCH_UNKNOWN where it is not judged yet; Transient TARGET_TAKEN; and as scheduleArrival
 */
export async function rescan(around: Scheduling, dataset: Dataset, batch: string): Promise<string | undefined> {
  const { store, config } = around;
  await requireRunning(store, dataset);
  const plan = await storePlan(store, dataset, config.backend);
  for (;;) {
    const records = await readRecords(store, dataset.vault, batch);
    const judgement = currentJudgement(records);
    if (judgement === undefined) throw new BadInput('BATCH_UNKNOWN', { batch });
    const pending = pendingPlan(records);
    if (plan === (pending ?? judgement.plan)) {
      if (pending !== undefined) await scheduleBatch(around, dataset, batch, { isRetried: true });
      return pending;
    }
    await addRecord(store, dataset.vault, batch, records.length, {
      kind: 'rescan',
      plan,
      at: new Date().toISOString(),
    });
  }
}

/**
 * Queues whatever is sealed, not settled and not queued; with `isRetried` what has failed as well. Returns the batches. Of
 * the batches in `settled` nothing is asked, and those that are found to be so are added.
 * @throws as scheduleArrival
 */
export async function reconcile(
  around: Scheduling,
  dataset: Dataset,
  { isRetried, settled = new Set() }: { readonly isRetried: boolean; readonly settled?: Set<string> },
): Promise<string[]> {
  const queued: string[] = [];
  await forEach(await sealedBatches(around.store, dataset.vault), async (batch) => {
    if (settled.has(batch)) return;
    const scheduled = await scheduleBatch(around, dataset, batch, { isRetried });
    if (scheduled === 'settled') settled.add(batch);
    if (scheduled === 'queued') queued.push(batch);
  });
  return queued;
}
