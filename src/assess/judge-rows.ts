import type { Baseline, FittedDetector } from '../baseline/index.js';
import { addRow, conformalPValue, detectorOf, type RowEvidence, stratumOf, type Tally } from '../detect/index.js';
import type { DetectorRows, ShardRows } from './types.js';

/** A chunk of a shard's rows, from row `from` on, with what each detector says of it. */
interface Chunk {
  readonly from: number;
  readonly evidence: readonly RowEvidence[];
  /** Filled in for the rows of the chunk. */
  readonly rows: ShardRows;
  readonly baseline: Baseline;
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
export function judgeRows({ from, evidence, rows, baseline, tallies }: Chunk): void {
  const labels = rows.labels.subarray(from);
  const beyond = beyondSupport(baseline.detectors, evidence);
  baseline.detectors.forEach((fitted, index) => {
    const one = evidence[index] as RowEvidence;
    const reach = detectorOf(fitted.kind).boundsSupport ? undefined : beyond;
    judgeBy(fitted, one, { labels, beyond: reach, into: rows.detectors[index] as DetectorRows, from });
    const settings = { ...fitted, classes: baseline.classes.length };
    for (let row = 0; row < one.anomalyScore.length; row++) {
      if (reach?.[row] !== 1) addRow(tallies(from + row)[index] as Tally, row, one, labels, settings);
    }
  });
}

interface Judgement {
  /** Of the chunk. */
  readonly labels: Int32Array;
  /** 1 for rows that the detector may not judge. */
  readonly beyond: Uint8Array | undefined;
  readonly into: DetectorRows;
  readonly from: number;
}

function judgeBy(
  { calibrations: [calibration], strata }: FittedDetector,
  { anomalyScore, calledClass }: RowEvidence,
  { labels, beyond, into, from }: Judgement,
): void {
  for (let row = 0; row < anomalyScore.length; row++) {
    const score = beyond?.[row] === 1 ? Number.NaN : (anomalyScore[row] as number);
    into.anomalyScore[from + row] = score;
    into.pValue[from + row] =
      calibration === undefined ? Number.NaN : conformalPValue(calibration, stratumOf(strata, labels, row), score);
  }
  if (calledClass !== undefined) into.calledClass.set(calledClass, from);
}

/** Rows beyond every trusted one: the detectors that would have to extrapolate say nothing there. */
function beyondSupport(detectors: readonly FittedDetector[], evidence: readonly RowEvidence[]): Uint8Array {
  const beyond = new Uint8Array(evidence[0]?.anomalyScore.length ?? 0);
  detectors.forEach(({ kind, calibrations }, index) => {
    const greatest = calibrations[0]?.scores[0]?.at(-1);
    const scores = evidence[index]?.anomalyScore;
    if (!detectorOf(kind).boundsSupport || greatest === undefined || scores === undefined) return;
    for (let row = 0; row < beyond.length; row++) if ((scores[row] as number) > greatest) beyond[row] = 1;
  });
  return beyond;
}
