import { currentJudgement, isSettled, readRecords, readSeal, sealedBatches } from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import { standings } from '../enforce/index.js';
import type { ObjectStore } from '../store/index.js';

/** How far a batch is, and how its shards stand. */
export interface BatchStatus {
  readonly dataset: string;
  readonly batch: string;
  readonly state: 'sealed' | 'judged' | 'settled';
  readonly shards: number;
  readonly released: number;
  readonly held: number;
  readonly rejected: number;
  /** SHA-256 of the decision that holds; null before there is one. */
  readonly decision: string | null;
}

/** Every sealed batch of a dataset. @throws BadInput RECORD_DAMAGED; Transient READ_FAILED */
export async function batchStatuses(store: ObjectStore, dataset: Dataset): Promise<BatchStatus[]> {
  const statuses: BatchStatus[] = [];
  for (const batch of await sealedBatches(store, dataset.vault)) {
    const seal = await readSeal(store, dataset.vault, batch);
    // A batch that still arrives has notes in the vault and no seal.
    if (seal === undefined) continue;
    const records = await readRecords(store, dataset.vault, batch);
    const decision = currentJudgement(records)?.decision ?? null;
    const standing = standings(records, dataset.approvals).map((shard) => shard.standing);
    const count = (wanted: string) => standing.filter((one) => one === wanted).length;
    statuses.push({
      dataset: dataset.name,
      batch,
      state: isSettled(records) ? 'settled' : decision === null ? 'sealed' : 'judged',
      shards: seal.shards.length,
      released: count('released') + count('cleaned'),
      held: count('held') + count('changed'),
      rejected: count('rejected'),
      decision,
    });
  }
  return statuses;
}
