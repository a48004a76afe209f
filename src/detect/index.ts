export {
  type Calibration,
  type ClassTails,
  calibrate,
  classRows,
  classStrata,
  conformalPValue,
  type JudgedRows,
  ONE_STRATUM,
  rankPValue,
  type Strata,
  scoresAcross,
  strataOf,
  stratumOf,
  TAIL_SHARES,
  withJudgedRows,
} from './calibration.js';
export { CHARACTER_SLOTS, type CharacterModel } from './character-model.js';
export type { Detector, Effect, Fitted, LabelledRows, RowEvidence, TrustedRows } from './contract.js';
export type { BlindWords, Suspect, SyntaxModel } from './contradictions/contract.js';
export { findAllSuspects, findSuspects, type Suspects } from './contradictions/find-suspects.js';
export { scoreBlindly } from './contradictions/leaks.js';
export { scoreSyntax } from './contradictions/syntax-model.js';
export { hasDoubtfulPatch } from './contradictions/weigh-items.js';
export {
  addRankSums,
  type Covariates,
  fitCovariates,
  KNOTS,
  type RankSums,
  standingFor,
  sumRanks,
} from './covariates/fit.js';
export { tiltTowards } from './covariates/tilt.js';
export { weighCalibration } from './covariates/weigh.js';
export { type LabelFlipModel, labelFlip } from './detectors/label-flip.js';
export { type OutlierModel, outlier } from './detectors/outlier.js';
export { columnShifts, type Shift, shiftOf } from './drift.js';
export { type Histogram, levelOf, ratioAt } from './histogram.js';
export type { AnswerCounts, Instruction } from './instructions/contract.js';
export {
  findPlantedTriggers,
  type PlantedTrigger,
  type PlantedTriggers,
} from './instructions/count-triggers.js';
export { MOST_COPIES } from './jury/copy-labels.js';
export { callChanged, fitJury, hearJury, type Jury } from './jury/jury.js';
export { carriedItems, type ItemIndex, indexItems } from './ledger/carriers.js';
export type {
  BeliedRows,
  CopyCounts,
  CopyRows,
  CopySort,
  Gathering,
  Item,
  ItemCounts,
  LedgerDetector,
  SignedRows,
} from './ledger/contract.js';
export { countItems, LEAST_ALONE } from './ledger/count-items.js';
export type { NaiveBayes } from './naive-bayes.js';
export { STANDARD_ERRORS } from './ranks.js';
export { detectorOf, detectors, ledgerDetectors } from './registry.js';
export { countSpectral, type SpectralTail } from './spectral/count.js';
export { alongDirections, fitSpectral, type SpectralModel } from './spectral/fit.js';
export type { ClassedRows } from './spectral/scatter.js';
export { addRow, calibrateOnRest, emptyTally, mergeTally, subtractTally, type Tally } from './tally.js';
export type { BoostedTrees } from './trees/boosted-trees.js';
export type { Forest } from './trees/forest.js';
export { blindModelOf } from './trigger/blind-model.js';
export { type Carriers, collectCarriers } from './trigger/carriers.js';
export { countOriginals } from './trigger/copies.js';
export { type BatchItems, type CountedItem, countBatch, type ItemSource, type VisitShards } from './trigger/count.js';
export {
  type GradedRows,
  nameTrigger,
  poisonedRows,
  type Trigger,
  tellLeakage,
  tellSyntax,
  tellTrigger,
} from './trigger/describe.js';
export { groupItems } from './trigger/families.js';
export { patchCells } from './trigger/grids.js';
export { type Judgement, judgeItem, type LookedAtRows, lookAtRows, triggerBound } from './trigger/judge.js';
export { looseAt } from './trigger/parts.js';
export {
  type CodedRows,
  countCells,
  hashItems,
  idsOf,
  joinCoded,
  joinItems,
  NO_ITEMS,
  type RowItems,
  readItems,
  readUnhashed,
  takeCoded,
  type UnhashedItems,
} from './trigger/row-items.js';
export { fitSpace, type ItemSpace } from './trigger/space.js';
export { type CountedRows, countOfNew, countTrusted, type TrustedItems, trustedCount } from './trigger/trusted.js';
