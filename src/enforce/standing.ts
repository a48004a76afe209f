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

export interface StandingShard extends JudgedShard {
  readonly standing: Standing;
}

/** In the order of the seal; nothing where the batch is not judged yet. */
export function standings(records: readonly BatchRecord[]): StandingShard[] {
  const judgement = currentJudgement(records);
  if (judgement === undefined) return [];
  const since = records.slice(records.indexOf(judgement));
  const settled = since.findLast((record) => record.kind === 'settled');
  const changed = new Set(settled?.kind === 'settled' ? settled.changed : []);
  return judgement.shards.map((shard) => {
    if (changed.has(shard.path)) return { ...shard, standing: 'changed' };
    const review = since.findLast((record) => record.kind === 'reviewed' && record.shards.includes(shard.path));
    const decided = shard.released ? 'released' : 'held';
    return { ...shard, standing: review?.kind === 'reviewed' ? STANDING_AFTER[review.action] : decided };
  });
}
