import { currentJudgement } from '../batch/index.js';
import type { BatchRecord, JudgedShard, ReviewedRecord } from '../schema/index.js';

/**
 * How a shard stands by its judgement and the reviews since. `cleaned`: released without the rows that are to be withheld;
 * `changed`: it was no longer what was judged, or could not be read to be cleaned.
 */
export type Standing = 'released' | 'cleaned' | 'held' | 'rejected' | 'changed';

const STANDING_AFTER: Readonly<Record<ReviewedRecord['action'], Standing>> = {
  release: 'released',
  'release-without-rows': 'cleaned',
  reject: 'rejected',
  reopen: 'held',
};

/** What a person wants of a held shard that others have to want as well. */
export interface Approval {
  readonly reviewer: string;
  readonly action: ReviewedRecord['action'];
}

export interface StandingShard extends JudgedShard {
  readonly standing: Standing;
  /** Releases that do not count yet: it takes more people. */
  readonly approvals: readonly Approval[];
}

/**
 * In the order of the seal; nothing where the batch is not judged yet. A release counts once so many people have said it
 * of the shard, each by another name.
 */
export function standings(records: readonly BatchRecord[], approvals: number): StandingShard[] {
  const judgement = currentJudgement(records);
  if (judgement === undefined) return [];
  const since = records.slice(records.lastIndexOf(judgement));
  const settled = since.findLast((record) => record.kind === 'settled');
  const changed = new Set(settled?.kind === 'settled' ? settled.changed : []);
  const reviews = since.filter((record): record is ReviewedRecord => record.kind === 'reviewed');
  return judgement.shards.map((shard) => {
    const reviewed = afterReviews(shard, reviews, approvals);
    return { ...shard, ...reviewed, ...(changed.has(shard.path) ? { standing: 'changed' } : {}) };
  });
}

type Reviewed = Pick<StandingShard, 'standing' | 'approvals'>;

function afterReviews(shard: JudgedShard, reviews: readonly ReviewedRecord[], needed: number): Reviewed {
  const own = reviews.filter(({ shards }) => shards.includes(shard.path));
  const decided: Reviewed = { standing: shard.released ? 'released' : 'held', approvals: [] };
  return own.reduce((before, { action, reviewer }) => {
    // The last word of each person.
    const others = before.approvals.filter((approval) => nameOf(approval.reviewer) !== nameOf(reviewer));
    const approvals = [...others, { reviewer, action }];
    const isOpen = isRelease(action) && approvals.filter((approval) => approval.action === action).length < needed;
    return isOpen ? { standing: before.standing, approvals } : { standing: STANDING_AFTER[action], approvals: [] };
  }, decided);
}

export function isRelease(action: ReviewedRecord['action']): boolean {
  return action === 'release' || action === 'release-without-rows';
}

/** As people compare names: one who writes theirs in another way is no second person. */
export function nameOf(reviewer: string): string {
  return reviewer.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();
}

/** Paths of shards that were released by a judgement before the one that holds, or a review of it, and are not any more. */
export function withdrawn(records: readonly BatchRecord[], approvals: number): string[] {
  const ends = records.flatMap(({ kind }, number) => (kind === 'judged' && number > 0 ? [number] : []));
  const released = ends.flatMap((end) => standings(records.slice(0, end), approvals).filter(isData));
  const before = new Set(released.map(({ path }) => path));
  const now = standings(records, approvals).filter((shard) => !isData(shard) && before.has(shard.path));
  return now.map(({ path }) => path);
}

function isData({ standing }: StandingShard): boolean {
  return standing === 'released' || standing === 'cleaned';
}
