import type { Baseline } from '../baseline/index.js';
import {
  addRow,
  carriedItems,
  emptyTally,
  type ItemIndex,
  ratioAt,
  subtractTally,
  type Tally,
} from '../detect/index.js';
import type { Signatures } from '../encode/index.js';
import { judgesOf } from './judges.js';
import type { ShardAssessment, ShardRows } from './types.js';

/** Rows that carry any of some items, and the shards they are in. */
export interface Carriers {
  readonly shards: ReadonlySet<string>;
  readonly carries: ItemIndex;
  /** Path → row numbers: these rows too. */
  readonly listed: ReadonlyMap<string, ReadonlySet<number>>;
}

/** The assessments as they would be without the carriers' rows: what is said of scores then rests on other rows. */
export async function setAside(
  assessments: readonly ShardAssessment[],
  carriers: Carriers,
  baseline: Baseline,
  rowsOf: (shard: ShardAssessment) => Promise<ShardRows>,
): Promise<ShardAssessment[]> {
  const rest: ShardAssessment[] = [];
  for (const assessment of assessments) {
    const isTouched = assessment.isJudged && carriers.shards.has(assessment.path);
    rest.push(isTouched ? withoutCarriers(assessment, await rowsOf(assessment), carriers, baseline) : assessment);
  }
  return rest;
}

/** Which rows of a shard are carriers. */
export function carrierTest(
  { carries, listed }: Carriers,
  path: string,
  signatures: Signatures,
): (row: number) => boolean {
  const own = listed.get(path);
  return (row) => own?.has(row) === true || carriedItems(carries, signatures, row).length > 0;
}

function withoutCarriers(
  assessment: ShardAssessment,
  rows: ShardRows,
  carriers: Carriers,
  baseline: Baseline,
): ShardAssessment {
  const bySource = tallyCarriers(rows, carrierTest(carriers, assessment.path, rows.signatures), baseline);
  const tallies = assessment.tallies.map((tallied) => {
    const aside = bySource.get(tallied.source);
    if (aside === undefined) return tallied;
    const perDetector = tallied.perDetector.map((tally, index) =>
      subtractTally(tally, aside.perDetector[index] as Tally),
    );
    return { source: tallied.source, rows: tallied.rows - aside.rows, perDetector };
  });
  return { ...assessment, tallies };
}

interface CarrierTally {
  rows: number;
  readonly perDetector: readonly Tally[];
}

/** By source. */
function tallyCarriers(
  rows: ShardRows,
  isCarrier: (row: number) => boolean,
  baseline: Baseline,
): Map<number, CarrierTally> {
  const { labels, sourceOf, judgeOf } = rows;
  const judges = judgesOf(baseline);
  const classes = baseline.classes.length;
  const bySource = new Map<number, CarrierTally>();
  const evidence = rows.detectors.map(({ anomalyScore, calledClass, ratioLevel }) => ({
    anomalyScore,
    ...(calledClass.length > 0 && { calledClass }),
    ...(ratioLevel.length > 0 && { logRatio: Float64Array.from(ratioLevel, ratioAt) }),
  }));
  for (let row = 0; row < labels.length; row++) {
    if (!isCarrier(row)) continue;
    const source = sourceOf[row] as number;
    const tally = bySource.get(source) ?? {
      rows: 0,
      perDetector: baseline.detectors.map(({ strata, calibrations }) => emptyTally(strata, calibrations)),
    };
    bySource.set(source, tally);
    tally.rows++;
    judges[judgeOf[row] ?? 0]?.detectors.forEach((fitted, index) => {
      const own = evidence[index];
      if (own !== undefined) addRow(tally.perDetector[index] as Tally, row, own, labels, { ...fitted, classes });
    });
  }
  return bySource;
}
