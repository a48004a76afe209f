import type { Baseline, FittedDetector } from '../baseline/index.js';
import { addRow, detectorOf, levelOf, type RowEvidence, rankPValue, stratumOf, type Tally } from '../detect/index.js';
import type { DetectorRows, ShardRows } from './types.js';

/** A baseline's detectors with what each says of a chunk. */
interface Judge {
  readonly detectors: readonly FittedDetector[];
  readonly evidence: readonly RowEvidence[];
}

/** A chunk of a shard's rows, from row `from` on. */
interface Chunk {
  readonly from: number;
  readonly judges: readonly Judge[];
  /** Row of the chunk → index of its judge. */
  readonly judgeOf: (row: number) => number;
  /** Filled in for the rows of the chunk. */
  readonly rows: ShardRows;
  /** Number of classes. */
  readonly classes: number;
  /** Row → the sums it counts towards. */
  readonly tallies: (row: number) => readonly Tally[];
}

export function emptyRows({ detectors }: Baseline, rows: number): DetectorRows[] {
  return detectors.map(({ kind, effect }) => ({
    kind,
    anomalyScore: new Float64Array(rows),
    pValue: new Float64Array(rows),
    calledClass: new Int32Array(detectorOf(kind).perClass ? rows : 0),
    ratioLevel: new Int8Array(effect === null ? 0 : rows),
  }));
}

/** Turns evidence into scores and p-values of rows, and counts them. */
export function judgeRows({ from, judges, judgeOf, rows, classes, tallies }: Chunk): void {
  const labels = rows.labels.subarray(from);
  const beyond = judges.map(beyondSupport);
  judges[0]?.detectors.forEach(({ kind }, index) => {
    const into = rows.detectors[index] as DetectorRows;
    const isBound = !detectorOf(kind).boundsSupport;
    const own = judges.map(({ detectors, evidence }, judge) => ({
      fitted: { ...(detectors[index] as FittedDetector), classes },
      evidence: evidence[index] as RowEvidence,
      beyond: isBound ? beyond[judge] : undefined,
    }));
    for (let row = 0; row < (beyond[0]?.length ?? 0); row++) {
      const judge = own[judgeOf(row)];
      if (judge === undefined) continue;
      rows.judgeOf[from + row] = judgeOf(row);
      const isJudged = judge.beyond?.[row] !== 1;
      judgeRow(judge.fitted, judge.evidence, { labels, row, isJudged, into, from });
      if (isJudged) addRow(tallies(from + row)[index] as Tally, row, judge.evidence, labels, judge.fitted);
    }
  });
}

interface Judgement {
  /** Of the chunk. */
  readonly labels: Int32Array;
  readonly row: number;
  /** False where the detector would have to extrapolate. */
  readonly isJudged: boolean;
  readonly into: DetectorRows;
  readonly from: number;
}

function judgeRow(
  { calibrations: [calibration], strata, ranks }: FittedDetector,
  { anomalyScore, calledClass, logRatio }: RowEvidence,
  { labels, row, isJudged, into, from }: Judgement,
): void {
  const score = isJudged ? (anomalyScore[row] as number) : Number.NaN;
  const stratum = stratumOf(strata, labels, row);
  into.anomalyScore[from + row] = score;
  into.pValue[from + row] = stratum < 0 ? Number.NaN : rankPValue(ranks ?? calibration?.scores[stratum], score);
  if (calledClass !== undefined) into.calledClass[from + row] = calledClass[row] as number;
  if (logRatio !== undefined) into.ratioLevel[from + row] = levelOf(logRatio[row] as number);
}

/** Rows beyond every trusted one: the detectors that would have to extrapolate say nothing there. */
function beyondSupport({ detectors, evidence }: Judge): Uint8Array {
  const beyond = new Uint8Array(evidence[0]?.anomalyScore.length ?? 0);
  detectors.forEach(({ kind, calibrations }, index) => {
    const greatest = calibrations[0]?.scores[0]?.at(-1);
    const scores = evidence[index]?.anomalyScore;
    if (!detectorOf(kind).boundsSupport || greatest === undefined || scores === undefined) return;
    for (let row = 0; row < beyond.length; row++) if ((scores[row] as number) > greatest) beyond[row] = 1;
  });
  return beyond;
}
