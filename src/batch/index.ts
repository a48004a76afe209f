export { findWhole } from './complete.js';
export { keepFit, readFit } from './fits.js';
export { forgetWork } from './forget.js';
export { addIncident } from './incidents.js';
export { batchFolder, below, numbered } from './names.js';
export { addPause, pausePath, pausePaths, readPause } from './pause.js';
export {
  currentBaseline,
  hasBaseline,
  keepBaseline,
  type OpenPlan,
  openPlan,
  requirePlannedBaseline,
  storedBaseline,
  storePlan,
} from './plan.js';
export { addPromotion, promotionPath } from './promotions.js';
export { parseRecord, recordBytes } from './record-text.js';
export {
  addRecord,
  currentJudgement,
  isEnforced,
  isSettled,
  isWhole,
  judgementBy,
  type NumberedRecall,
  type NumberedRescan,
  pendingPlan,
  pendingRescan,
  readRecords,
  recordJudgement,
  standingRecall,
} from './records.js';
export { digestsPath, type JudgedBy, resultPath } from './results.js';
export { rulesPath, rulesPaths } from './rules.js';
export { type Arrival, findArrival, readSeal, readSealedManifest, sealArrival, sealedBatches } from './seal.js';
