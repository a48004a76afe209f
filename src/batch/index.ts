export { isComplete } from './complete.js';
export { batchFolder, below } from './names.js';
export { addPause, readPause } from './pause.js';
export { hasBaseline, type OpenPlan, openPlan, requirePlannedBaseline, storePlan } from './plan.js';
export { recordBytes } from './record-text.js';
export {
  addRecord,
  currentJudgement,
  isEnforced,
  isSettled,
  judgementBy,
  pendingPlan,
  readRecords,
  recordJudgement,
} from './records.js';
export { resultPath } from './results.js';
export { type Arrival, findArrival, readSeal, readSealedManifest, sealArrival, sealedBatches } from './seal.js';
