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

/** Paths of shards that were released by a judgement before the one that holds, or a review of it, and are not any more. */
export function withdrawn(records: readonly BatchRecord[]): string[] {
  const ends = records.flatMap(({ kind }, number) => (kind === 'judged' && number > 0 ? [number] : []));
  const before = new Set(ends.flatMap((end) => standings(records.slice(0, end)).filter(isData).map(pathOf)));
  return standings(records)
    .filter((shard) => !isData(shard) && before.has(shard.path))
    .map(pathOf);
}

function isData({ standing }: StandingShard): boolean {
  return standing === 'released' || standing === 'cleaned';
}

function pathOf({ path }: StandingShard): string {
  return path;
}
