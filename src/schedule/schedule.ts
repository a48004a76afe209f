import {
  type Arrival,
  addRecord,
  below,
  currentJudgement,
  findArrival,
  findWhole,
  forgetWork,
  hasBaseline,
  isSettled,
  isWhole,
  judgementBy,
  pendingPlan,
  pendingRescan,
  readRecords,
  readSeal,
  sealArrival,
  storePlan,
} from '../batch/index.js';
import type { Dataset, ServiceConfig } from '../config/index.js';
import { auditRescan, dueNotice, isAudited, sealNow, standings } from '../enforce/index.js';
import { BadInput } from '../errors.js';
import type { JobQueue } from '../queue/index.js';
import type { ObjectStore } from '../store/index.js';
import { forEach } from './each.js';
import { pauseOf, requireRunning } from './pause.js';
import type { SweptNotes } from './swept.js';

export interface Scheduling {
  readonly store: ObjectStore;
  readonly queue: JobQueue;
  readonly config: Pick<ServiceConfig, 'backend'>;
}

/**
 * Seals what has arrived in a folder, once it is whole or `isForced`, and queues it; returns the batch, or undefined where
 * there is none to seal.
 * @throws BadInput USAGE where it is no folder or no name of one, PATH_MISSING, RECORD_DAMAGED, as storePlan; Transient QUEUE_FAILED, READ_FAILED, WRITE_FAILED
 */
export async function scheduleArrival(
  around: Scheduling,
  dataset: Dataset,
  folder: string,
  { isForced }: { readonly isForced: boolean },
): Promise<string | undefined> {
  if (!isFolderName(folder)) {
    throw new BadInput('USAGE', { detail: `batch ${folder}: name a folder directly below ${dataset.incoming}` });
  }
  const arrival = await findArrival(around.store, dataset, folder);
  if (arrival.shards.some(({ uri }) => uri === below(dataset.incoming, folder))) {
    throw new BadInput('USAGE', {
      detail: `batch ${folder}: is a file: put it into a folder below ${dataset.incoming}`,
    });
  }
  return isForced ? sealAndQueue(around, dataset, arrival) : scheduleWhole(around, dataset, arrival);
}

/** Hidden ones are no data, and no name leads elsewhere. */
function isFolderName(folder: string): boolean {
  return /^[^/\\._][^/\\]*$/.test(folder);
}

async function scheduleWhole(around: Scheduling, dataset: Dataset, arrival: Arrival): Promise<string | undefined> {
  const whole = await findWhole(around.store, dataset, arrival, new Date());
  return whole && sealAndQueue(around, dataset, whole);
}

async function sealAndQueue(around: Scheduling, dataset: Dataset, arrival: Arrival): Promise<string | undefined> {
  const batch = await sealArrival(around.store, dataset, arrival);
  if (batch !== undefined) await scheduleBatch(around, dataset, batch, { isRetried: true, isNew: true });
  return batch;
}

/** `unassessed`: settled, and shards are held of which nobody knows anything. */
type Scheduled = 'unsealed' | 'settled' | 'unassessed' | 'known' | 'queued';

/** Queues a sealed batch unless it is queued or settled; one that is judged keeps its judgement. @throws as scheduleArrival */
async function scheduleBatch(
  { store, queue, config }: Scheduling,
  dataset: Dataset,
  batch: string,
  options: { readonly isRetried: boolean; readonly isNew: boolean },
): Promise<Scheduled> {
  const seal = await readSeal(store, dataset.vault, batch);
  if (seal === undefined) return 'unsealed';
  const records = await readRecords(store, dataset.vault, batch);
  if (isSettled(records)) {
    const isOpen = standings(records, dataset.approvals).some((shard) => shard.unassessed && shard.standing === 'held');
    return isOpen ? 'unassessed' : 'settled';
  }
  const pending = pendingPlan(records);
  const judgement = currentJudgement(records);
  const plan = pending ?? judgement?.plan ?? (await storePlan(store, dataset, config.backend));
  // To go back to a former plan takes its judgement, and nothing that it was made from.
  const isAssessed = judgementBy(records, plan) !== undefined;
  const shards = isAssessed ? [] : (await sealNow(store, dataset, seal, records)).shards;
  const isFitted = !isAssessed && !(await hasBaseline(store, dataset.vault, plan));
  const isQueued = await queue.addBatch({ dataset: dataset.name, batch, plan }, shards, { ...options, isFitted });
  return isQueued ? 'queued' : 'known';
}

/** The plan of what the configuration names now, to rescan by. @throws BadInput DATASET_PAUSED, and as storePlan */
export async function currentPlan({ store, config }: Scheduling, dataset: Dataset): Promise<string> {
  await requireRunning(store, dataset);
  return storePlan(store, dataset, config.backend);
}

/** As rescan of a batch of which nothing is left to do; false for any other. @throws as rescan */
export async function rescanSettled(
  around: Scheduling,
  dataset: Dataset,
  batch: string,
  plan: string,
): Promise<boolean> {
  if (!isSettled(await readRecords(around.store, dataset.vault, batch))) return false;
  return rescan(around, dataset, batch, plan);
}

/**
 * Has a batch judged again by a plan; false where the judgement that holds follows it already and all shards were assessed
 * for it.
 * @throws BadInput BATCH_UNKNOWN where it is not judged yet, AUDIT_BROKEN, AUDIT_REFUSED; Transient TARGET_TAKEN; and as scheduleArrival
 */
export async function rescan(around: Scheduling, dataset: Dataset, batch: string, plan: string): Promise<boolean> {
  const { store } = around;
  for (;;) {
    const records = await readRecords(store, dataset.vault, batch);
    const judgement = currentJudgement(records);
    if (judgement === undefined) throw new BadInput('BATCH_UNKNOWN', { batch });
    const pending = pendingRescan(records);
    if (pending === undefined && plan === judgement.plan && isWhole(judgement)) return false;
    // What the log does not name, of an earlier version or of nobody's, no worker decides on.
    if (plan === pending?.record.plan && (await isAudited(store, dataset, batch, pending))) {
      await scheduleBatch(around, dataset, batch, { isRetried: true, isNew: false });
      return true;
    }
    const asked = { judged: judgement, plan, number: records.length + 1 };
    const record = await auditRescan(store, dataset, batch, asked);
    await addRecord(store, dataset.vault, batch, records.length, record);
  }
}

/**
 * Seals and queues what has arrived whole in any folder; folders that are noted to hold nothing new are not opened.
 * @throws as scheduleArrival
 */
export async function sweepIncoming(around: Scheduling, dataset: Dataset, swept: SweptNotes): Promise<void> {
  const { store } = around;
  await forEach(store.folderStates(dataset.incoming), async (folder) => {
    if (await swept.has('incoming', folder)) return;
    const arrival = await findArrival(store, dataset, folder.name);
    if (arrival.shards.length === 0) await swept.add('incoming', { name: folder.name, state: arrival.state });
    // A sweep of many folders takes long, and what has been paused meanwhile rests.
    else if ((await pauseOf(store, dataset)) === undefined) await scheduleWhole(around, dataset, arrival);
  });
}

interface Reconciling {
  /** Queue what has failed as well, and what is settled without some shards that could not be assessed. */
  readonly isRetried: boolean;
  /** Remove what was assessed for settled batches, and note that they are done with. */
  readonly forgets: boolean;
  readonly swept: SweptNotes;
}

/** Of a batch: that it is judged and done with, or that somebody is told what is held of it. */
interface Reconciled {
  readonly batch: string;
  readonly work: 'judgement' | 'notice';
}

/**
 * Queues whatever is sealed, not settled and not queued, and what nobody was told of yet who is to be. Batches that are noted
 * to be settled are not opened.
 * @throws as scheduleArrival
 */
export async function reconcile(
  around: Scheduling,
  dataset: Dataset,
  { isRetried, forgets, swept }: Reconciling,
): Promise<Reconciled[]> {
  const { store } = around;
  const queued: Reconciled[] = [];
  if (isRetried) await forgetMended(around, dataset);
  await forEach(store.folderStates(below(dataset.vault, 'batches')), async (folder) => {
    const batch = folder.name;
    if (await swept.has('batch', folder)) return;
    if (!isRetried && (await swept.has('unassessed', folder))) return;
    if ((await pauseOf(store, dataset)) !== undefined) return;
    const scheduled = await scheduleBatch(around, dataset, batch, { isRetried, isNew: false });
    const isAgain = scheduled === 'unassessed' && isRetried && (await rescanAsJudged(around, dataset, batch));
    if (scheduled === 'queued' || isAgain) queued.push({ batch, work: 'judgement' });
    if (scheduled !== 'settled' && scheduled !== 'unassessed') return;
    if (scheduled === 'settled' && forgets) await forgetWork(store, dataset.vault, batch);
    const due = await dueNotice(store, dataset, batch);
    if (due === undefined) {
      if (forgets) await swept.add(scheduled === 'settled' ? 'batch' : 'unassessed', folder);
    } else if (await around.queue.addNotice({ dataset: dataset.name, batch }, due.settled, { isRetried })) {
      queued.push({ batch, work: 'notice' });
    }
  });
  return queued;
}

/** What has failed of a batch that is settled all the same has nobody look at it. */
async function forgetMended({ store, queue }: Scheduling, { name, vault }: Dataset): Promise<void> {
  for (const { dataset, batch } of await queue.failedBatches()) {
    if (dataset !== name || !isSettled(await readRecords(store, vault, batch))) continue;
    await queue.forgetFailed({ dataset, batch });
  }
}

/** False where the configuration names something else by now: to judge by that is not what was asked for. */
async function rescanAsJudged(around: Scheduling, dataset: Dataset, batch: string): Promise<boolean> {
  const judgement = currentJudgement(await readRecords(around.store, dataset.vault, batch));
  const plan = await currentPlan(around, dataset);
  return judgement?.plan === plan && (await rescan(around, dataset, batch, plan));
}
