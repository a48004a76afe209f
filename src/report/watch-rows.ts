import type { Baseline } from '../baseline/index.js';
import type { ShardMarks } from '../mark/index.js';
import { MapSample } from './map-sample.js';
import { ScoreHistograms } from './score-histograms.js';
import type { Picture } from './types.js';
import { WorstRows } from './worst-rows.js';

/** What there is to show of all rows once they have gone by. */
export interface Watched {
  readonly worst: WorstRows;
  /** How many are marked to be left out of training. */
  readonly withheldRows: number;
  /** Null without trusted rows: beside itself every batch looks as usual. */
  readonly picture: Picture | null;
}

/**
 * Hands on the marks of shard after shard and keeps what a person will look at: the worst rows, a sample for the map,
 * histograms. Its memory does not grow with the rows.
 */
export async function watchRows(
  marked: AsyncIterable<ShardMarks>,
  baseline: Baseline,
  handOn: (marks: ShardMarks) => Promise<void> | undefined,
): Promise<Watched> {
  const worst = new WorstRows();
  const scores = new ScoreHistograms(baseline);
  const sample = new MapSample(baseline);
  let withheldRows = 0;
  for await (const marks of marked) {
    for (const isWithheld of marks.withhold) withheldRows += isWithheld;
    for (const watcher of [worst, scores, sample]) watcher.add(marks);
    await handOn(marks);
  }
  const isProvisional = baseline.twin !== undefined;
  return {
    worst,
    withheldRows,
    picture: isProvisional ? null : { distributions: scores.distributions, map: sample.map },
  };
}
