import { currentJudgement } from '../batch/index.js';
import type { BatchRecord, JudgedRecord, JudgedShard, ReviewedRecord } from '../schema/index.js';

/**
 * How a shard stands by its judgement, the reviews since and recalls. `cleaned`: released without the rows that are to be
 * withheld; `changed`: it was no longer what was judged, or could not be read to be cleaned.
 */
export type Standing = 'released' | 'cleaned' | 'held' | 'rejected' | 'recalled' | 'changed';

/** What a person wants of a held shard that others have to want as well. */
export interface Approval {
  readonly reviewer: string;
  readonly action: ReviewedRecord['action'];
}

interface Reviewed {
  readonly standing: Standing;
  /** Releases that do not count yet: it takes more people. */
  readonly approvals: readonly Approval[];
  /** Recalled, and not released by a review since: no judgement releases it. */
  readonly isRecalled: boolean;
  /** The recall was lifted: it waits for a review, also after later judgements. */
  readonly isLifted: boolean;
}

export interface StandingShard extends JudgedShard, Reviewed {}

/**
 * In the order of the seal; nothing where the batch is not judged yet. A release counts once so many people have said it
 * of the shard, each by another name.
 */
export function standings(records: readonly BatchRecord[], approvals: number): StandingShard[] {
  const judgement = currentJudgement(records);
  if (judgement === undefined) return [];
  const byPath = new Map<string, Reviewed>();
  for (const record of records) follow(byPath, record, approvals);
  const settled = records.slice(records.lastIndexOf(judgement)).findLast((record) => record.kind === 'settled');
  const changed = new Set(settled?.kind === 'settled' ? settled.changed : []);
  return judgement.shards.map((shard) => ({
    ...shard,
    ...(byPath.get(shard.path) ?? afterJudgement(shard, undefined)),
    ...(changed.has(shard.path) && { standing: 'changed' as const }),
  }));
}

function follow(byPath: Map<string, Reviewed>, record: BatchRecord, approvals: number): void {
  if (record.kind === 'judged') {
    for (const shard of (record as JudgedRecord).shards) {
      byPath.set(shard.path, afterJudgement(shard, byPath.get(shard.path)));
    }
  } else if (record.kind === 'recalled') {
    for (const [path, before] of byPath) byPath.set(path, afterRecall(before));
  } else if (record.kind === 'lifted') {
    for (const [path, before] of byPath) byPath.set(path, afterLift(before));
  } else if (record.kind === 'reviewed') {
    for (const path of record.shards) {
      const before = byPath.get(path);
      if (before !== undefined) byPath.set(path, afterReview(before, record, approvals));
    }
  }
}

/** A later judgement, by whatever baseline, does not take a recall back, nor release what one had taken back in error. */
function afterJudgement({ released }: JudgedShard, before: Reviewed | undefined): Reviewed {
  const { isRecalled = false, isLifted = false } = before ?? {};
  const standing = isRecalled && !isLifted ? 'recalled' : released && !isRecalled ? 'released' : 'held';
  return { standing, approvals: [], isRecalled, isLifted };
}

function afterRecall({ standing }: Reviewed): Reviewed {
  return {
    standing: standing === 'rejected' ? standing : 'recalled',
    approvals: [],
    isRecalled: true,
    isLifted: false,
  };
}

function afterLift(before: Reviewed): Reviewed {
  const standing = before.standing === 'recalled' ? 'held' : before.standing;
  return { ...before, standing, isLifted: before.isRecalled };
}

const STANDING_AFTER: Readonly<Record<ReviewedRecord['action'], Standing>> = {
  release: 'released',
  'release-without-rows': 'cleaned',
  reject: 'rejected',
  reopen: 'held',
};

function afterReview(before: Reviewed, { action, reviewer }: Approval, needed: number): Reviewed {
  // The last word of each person.
  const others = before.approvals.filter((approval) => nameOf(approval.reviewer) !== nameOf(reviewer));
  const approvals = [...others, { reviewer, action }];
  const isOpen = isRelease(action) && approvals.filter((approval) => approval.action === action).length < needed;
  if (isOpen) return { ...before, approvals };
  const isRecalled = before.isRecalled && !isRelease(action);
  return { standing: STANDING_AFTER[action], approvals: [], isRecalled, isLifted: before.isLifted && isRecalled };
}

export function isRelease(action: ReviewedRecord['action']): boolean {
  return action === 'release' || action === 'release-without-rows';
}

/** As people compare names: one who writes theirs in another way is no second person. */
export function nameOf(reviewer: string): string {
  return reviewer.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();
}

/**
 * Paths of shards that were released by a judgement before the one that holds, by a review, or until a recall, and are not
 * any more.
 */
export function withdrawn(records: readonly BatchRecord[], approvals: number): string[] {
  const isEnd = (record: BatchRecord, number: number) =>
    record.kind === 'recalled' ||
    (record.kind === 'judged' && number > 0) ||
    (record.kind === 'reviewed' && record.action === 'reopen');
  const ends = records.flatMap((record, number) => (isEnd(record, number) ? [number] : []));
  const released = ends.flatMap((end) => standings(records.slice(0, end), approvals).filter(isData));
  const before = new Set(released.map(({ path }) => path));
  const now = standings(records, approvals).filter((shard) => !isData(shard) && before.has(shard.path));
  return now.map(({ path }) => path);
}

/** Paths of shards that somebody wanted released without some rows, at any time. */
export function everCleaned(records: readonly BatchRecord[]): string[] {
  const asked = records.flatMap((record) =>
    record.kind === 'reviewed' && record.action === 'release-without-rows' ? record.shards : [],
  );
  return [...new Set(asked)];
}

export function isData({ standing }: Pick<StandingShard, 'standing'>): boolean {
  return standing === 'released' || standing === 'cleaned';
}
