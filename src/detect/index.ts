export {
  type Calibration,
  calibrate,
  classRows,
  classStrata,
  conformalPValue,
  ONE_STRATUM,
  rankPValue,
  type Strata,
  strataOf,
  stratumOf,
  TAIL_SHARES,
} from './calibration.js';
export type { Detector, Effect, Fitted, LabelledRows, RowEvidence, TrustedRows } from './contract.js';
export { type Histogram, ratioAt } from './histogram.js';
export { detectorOf, detectors } from './registry.js';
export { addRow, calibrateOnRest, emptyTally, mergeTally, type Tally } from './tally.js';
