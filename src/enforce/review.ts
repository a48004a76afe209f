import { addRecord, currentJudgement, readRecords } from '../batch/index.js';
import { BadInput } from '../errors.js';
import type { BatchRecord, ReviewedRecord } from '../schema/index.js';
import type { ObjectStore } from '../store/index.js';
import { type Standing, type StandingShard, standings } from './standing.js';

export type Review = Omit<ReviewedRecord, 'kind'>;

/** How a shard must stand for an action. */
export const standingBefore: Readonly<Record<Review['action'], Standing>> = {
  release: 'held',
  'release-without-rows': 'held',
  reject: 'held',
  reopen: 'rejected',
};

/**
 * Records what a person says of held shards, on the decision that they have seen; returns the number of the record.
 * @throws BadInput BATCH_UNKNOWN, DECISION_CHANGED where another one holds by now, REVIEW_REFUSED; Transient READ_FAILED, WRITE_FAILED
 */
export async function recordReview(store: ObjectStore, vault: string, batch: string, review: Review): Promise<number> {
  for (;;) {
    const records = await readRecords(store, vault, batch);
    assertReviewable(records, batch, review);
    const record: ReviewedRecord = { kind: 'reviewed', ...review };
    if (await addRecord(store, vault, batch, records.length, record)) return records.length + 1;
  }
}

function assertReviewable(records: readonly BatchRecord[], batch: string, review: Review): void {
  const judgement = currentJudgement(records);
  if (judgement === undefined) throw new BadInput('BATCH_UNKNOWN', { batch });
  if (judgement.decision !== review.decision) {
    throw new BadInput('DECISION_CHANGED', { batch, seen: review.decision, current: judgement.decision });
  }
  const byPath = new Map(standings(records).map((shard) => [shard.path, shard]));
  const problems = review.shards.flatMap((path) => problemOf(byPath.get(path), path, review.action));
  if (problems.length > 0) throw new BadInput('REVIEW_REFUSED', { batch, detail: problems.join('; ') });
}

function problemOf(shard: StandingShard | undefined, path: string, action: Review['action']): string[] {
  if (shard === undefined) return [`it has no shard ${path}`];
  if (shard.standing !== standingBefore[action]) return [`${path} is ${shard.standing}`];
  // What nobody could read nobody can vouch for.
  return action.startsWith('release') && shard.sha256 === null
    ? [`${path} could not be read, so nothing of it is known`]
    : [];
}
