import type { Baseline, FittedDetector } from '../baseline/index.js';
import { addRow, conformalPValue, detectorOf, type RowEvidence, stratumOf, type Tally } from '../detect/index.js';
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
  return detectors.map(({ kind }) => ({
    kind,
    anomalyScore: new Float64Array(rows),
    pValue: new Float64Array(rows),
    calledClass: new Int32Array(detectorOf(kind).perClass ? rows : 0),
  }));
}

/** Turns evidence into scores and p-values of rows, and counts them. */
export function judgeRows({ from, judges, judgeOf, rows, classes, tallies }: Chunk): void {
  const labels = rows.labels.subarray(from);
  const beyond = judges.map(beyondSupport);
  const count = judges[0]?.evidence[0]?.anomalyScore.length ?? 0;
  for (let row = 0; row < count; row++) {
    const perDetector = tallies(from + row);
    const judge = judgeOf(row);
    const { detectors, evidence } = judges[judge] as Judge;
    const isBeyond = beyond[judge]?.(row) ?? false;
    detectors.forEach((fitted, index) => {
      const one = evidence[index] as RowEvidence;
      const into = rows.detectors[index] as DetectorRows;
      const isJudged = !isBeyond || detectorOf(fitted.kind).boundsSupport;
      const score = isJudged ? (one.anomalyScore[row] as number) : Number.NaN;
      into.anomalyScore[from + row] = score;
      into.pValue[from + row] = pValueOf(fitted, labels, row, score);
      if (one.calledClass !== undefined) into.calledClass[from + row] = one.calledClass[row] as number;
      if (isJudged) addRow(perDetector[index] as Tally, row, one, labels, { ...fitted, classes });
    });
  }
}

function pValueOf(
  { calibrations: [calibration], strata }: FittedDetector,
  labels: Int32Array,
  row: number,
  score: number,
) {
  return calibration === undefined ? Number.NaN : conformalPValue(calibration, stratumOf(strata, labels, row), score);
}

/** Rows beyond every trusted one: the detectors that would have to extrapolate say nothing there. */
function beyondSupport({ detectors, evidence }: Judge): (row: number) => boolean {
  const bounds = detectors.flatMap((one, index) => {
    const greatest = one.calibrations[0]?.scores[0]?.at(-1);
    const scores = evidence[index]?.anomalyScore;
    return detectorOf(one.kind).boundsSupport && greatest !== undefined && scores !== undefined
      ? [{ scores, greatest }]
      : [];
  });
  return (row) => bounds.some(({ scores, greatest }) => (scores[row] as number) > greatest);
}
