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
export type { AnswerCounts, Instruction } from './instructions/contract.js';
export {
  findPlantedTriggers,
  type PlantedTrigger,
  type PlantedTriggers,
} from './instructions/count-triggers.js';
export { type Histogram, ratioAt } from './histogram.js';
export { carriedItems, type ItemIndex, indexItems } from './ledger/carriers.js';
export type { Item, ItemCounts, LedgerDetector } from './ledger/contract.js';
export { countItems } from './ledger/count-items.js';
export { detectorOf, detectors, ledgerDetectors, titleOfKind } from './registry.js';
export { addRow, calibrateOnRest, emptyTally, mergeTally, type Tally } from './tally.js';
