import { addRecord, currentJudgement, readRecords } from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import { BadInput } from '../errors.js';
import type { JudgedRecord, ReviewedRecord } from '../schema/index.js';
import type { ObjectStore } from '../store/index.js';
import { isRelease, nameOf, type Standing, type StandingShard, standings } from './standing.js';

export type Review = Omit<ReviewedRecord, 'kind'>;

/** How a shard may stand for an action. What was recalled takes two words to be released again: that it be reopened first. */
export const standingsBefore: Readonly<Record<Review['action'], readonly Standing[]>> = {
  release: ['held'],
  'release-without-rows': ['held'],
  reject: ['held'],
  reopen: ['rejected', 'recalled', 'cleaned'],
};

/**
 * Records what a person says of held shards, on the decision that they have seen; returns the number of the record.
 * @throws BadInput BATCH_UNKNOWN, DECISION_CHANGED where another one holds by now, REVIEW_REFUSED; Transient READ_FAILED, WRITE_FAILED
 */
export async function recordReview(
  store: ObjectStore,
  { vault, approvals }: Pick<Dataset, 'vault' | 'approvals'>,
  batch: string,
  review: Review,
  beforehand: (judged: JudgedRecord) => Promise<void> = async () => {},
): Promise<number> {
  for (;;) {
    const records = await readRecords(store, vault, batch);
    await beforehand(reviewable(standings(records, approvals), currentJudgement(records), batch, review));
    const record: ReviewedRecord = { kind: 'reviewed', ...review };
    if (await addRecord(store, vault, batch, records.length, record)) return records.length + 1;
  }
}

/** The judgement that the review is about. */
function reviewable(
  standing: readonly StandingShard[],
  judgement: JudgedRecord | undefined,
  batch: string,
  review: Review,
): JudgedRecord {
  if (judgement === undefined) throw new BadInput('BATCH_UNKNOWN', { batch });
  if (judgement.decision !== review.decision) {
    throw new BadInput('DECISION_CHANGED', { batch, seen: review.decision, current: judgement.decision });
  }
  const byPath = new Map(standing.map((shard) => [shard.path, shard]));
  const problems = review.shards.flatMap((path) => problemOf(byPath.get(path), path, review));
  if (problems.length > 0) throw new BadInput('REVIEW_REFUSED', { batch, detail: problems.join('; ') });
  return judgement;
}

function problemOf(
  shard: StandingShard | undefined,
  path: string,
  { action, reviewer }: Pick<Review, 'action' | 'reviewer'>,
): string[] {
  if (shard === undefined) return [`it has no shard ${path}`];
  if (!standingsBefore[action].includes(shard.standing)) return [`${path} is ${shard.standing}`];
  if (!isRelease(action)) return [];
  if (shard.unassessed) return [`${path} could not be assessed: \`taster rescan\` tries again`];
  // What nobody could read nobody can vouch for.
  if (shard.sha256 === null) return [`${path} could not be read, so nothing of it is known`];
  const said = shard.approvals.some((one) => one.action === action && nameOf(one.reviewer) === nameOf(reviewer));
  return said ? [`${reviewer} has released ${path} already; it takes somebody else as well`] : [];
}
