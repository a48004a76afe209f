import type { FittedDetector } from '../../src/baseline/index.js';
import {
  addRow,
  type Calibration,
  calibrate,
  emptyTally,
  type RowEvidence,
  type Strata,
  type Tally,
} from '../../src/detect/index.js';

/** What detectors say of a row. */
export interface Row {
  readonly label: number;
  readonly score: number;
  readonly logRatio?: number;
  readonly called?: number;
}

export interface Judge {
  readonly strata: Strata;
  readonly classes: number;
}

const labelsOf = (rows: readonly Row[]) => Int32Array.from(rows, ({ label }) => label);

function evidenceOf(rows: readonly Row[]): RowEvidence {
  return {
    anomalyScore: Float64Array.from(rows, ({ score }) => score),
    ...(rows[0]?.logRatio === undefined ? {} : { logRatio: Float64Array.from(rows, ({ logRatio }) => logRatio!) }),
    ...(rows[0]?.called === undefined ? {} : { calledClass: Int32Array.from(rows, ({ called }) => called!) }),
  };
}

export function calibrateOn(rows: readonly Row[], { strata, classes }: Judge): Calibration {
  return calibrate(evidenceOf(rows), labelsOf(rows), classes, strata, Int32Array.from(rows.keys()));
}

export function tallyOf(rows: readonly Row[], { strata, classes }: Judge, calibrations: readonly Calibration[]): Tally {
  const tally = emptyTally(strata, calibrations);
  const [evidence, labels] = [evidenceOf(rows), labelsOf(rows)];
  for (const row of rows.keys()) addRow(tally, row, evidence, labels, { strata, classes, calibrations });
  return tally;
}

export function detectorOf(
  kind: FittedDetector['kind'],
  { strata }: Judge,
  calibrations: readonly Calibration[],
  rest: Partial<FittedDetector> = {},
): FittedDetector {
  return { kind, model: null, strata, calibrations, effect: null, blocks: [], ...rest };
}
