import type { ShardAssessment } from '../assess/index.js';
import type { Baseline } from '../baseline/index.js';
import { emptyTally, mergeTally, type Tally } from '../detect/index.js';

/** Sums of a scope over shards. */
export interface Merged {
  rows: number;
  readonly perDetector: readonly Tally[];
}

/** Adds the tallies up under the name that `nameOf` gives each; undefined leaves one out. In path order: repeatable. */
export function mergeBy(
  { detectors }: Baseline,
  assessments: readonly ShardAssessment[],
  nameOf: (shard: ShardAssessment, source: number) => string | undefined,
): Map<string, Merged> {
  const merged = new Map<string, Merged>();
  for (const shard of assessments) {
    for (const { source, rows, perDetector } of shard.tallies) {
      const name = nameOf(shard, source);
      if (name === undefined) continue;
      const into = merged.get(name) ?? {
        rows: 0,
        perDetector: detectors.map(({ strata, calibrations }) => emptyTally(strata, calibrations)),
      };
      merged.set(name, into);
      into.rows += rows;
      into.perDetector.forEach((tally, index) => mergeTally(tally, perDetector[index] as Tally));
    }
  }
  return merged;
}
