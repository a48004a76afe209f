import { currentJudgement, isSettled, readRecords, readSeal, sealedBatches } from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import { standings } from '../enforce/index.js';
import type { FailedBatch } from '../queue/index.js';
import type { BatchRecord } from '../schema/index.js';
import type { ObjectStore } from '../store/index.js';

/** How far a batch is, and how its shards stand. */
export interface BatchStatus {
  readonly dataset: string;
  readonly batch: string;
  /** `failed`: nobody goes on with it until it is queued again. */
  readonly state: 'sealed' | 'judged' | 'settled' | 'failed';
  readonly shards: number;
  readonly released: number;
  readonly held: number;
  readonly rejected: number;
  readonly recalled: number;
  /** SHA-256 of the decision that holds; null before there is one. */
  readonly decision: string | null;
  /** Where its work has failed, and why; null unless its state is `failed`. */
  readonly failure: Pick<FailedBatch, 'stage' | 'reason'> | null;
}

/** Every sealed batch of a dataset; `failed` are those that the queue has given up. @throws BadInput RECORD_DAMAGED; Transient READ_FAILED */
export async function batchStatuses(
  store: ObjectStore,
  dataset: Dataset,
  failed: readonly FailedBatch[],
): Promise<BatchStatus[]> {
  const failures = new Map(failed.filter((one) => one.dataset === dataset.name).map((one) => [one.batch, one]));
  const statuses: BatchStatus[] = [];
  for (const batch of await sealedBatches(store, dataset.vault)) {
    const seal = await readSeal(store, dataset.vault, batch);
    // A batch that still arrives has notes in the vault and no seal.
    if (seal === undefined) continue;
    const records = await readRecords(store, dataset.vault, batch);
    const decision = currentJudgement(records)?.decision ?? null;
    const failure = isSettled(records) ? undefined : failures.get(batch);
    const standing = standings(records, dataset.approvals).map((shard) => shard.standing);
    const count = (wanted: string) => standing.filter((one) => one === wanted).length;
    statuses.push({
      dataset: dataset.name,
      batch,
      state: failure === undefined ? stateOf(records) : 'failed',
      shards: seal.shards.length,
      released: count('released') + count('cleaned'),
      held: count('held') + count('changed'),
      rejected: count('rejected'),
      recalled: count('recalled'),
      decision,
      failure: failure === undefined ? null : { stage: failure.stage, reason: failure.reason },
    });
  }
  return statuses;
}

function stateOf(records: readonly BatchRecord[]): 'sealed' | 'judged' | 'settled' {
  if (isSettled(records)) return 'settled';
  return currentJudgement(records) === undefined ? 'sealed' : 'judged';
}
