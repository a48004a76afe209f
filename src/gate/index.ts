export { type Asker, recordAnswer, recordUnanswered } from './audit-gate.js';
export { billOfMaterials, type ShardDetails } from './bill-of-materials.js';
export { daysAfter } from './days-after.js';
export {
  byTime,
  type FoundVerdict,
  type FoundVerdicts,
  findVerdicts,
  lastGoodOf,
  meansBatch,
  type UnclearVerdict,
  type VerdictPlace,
  type VerdictQuery,
  verdictsBelow,
} from './find-verdicts.js';
export { type FollowedVerdict, readFollowed, verdictToFollow } from './follow-verdict.js';
export { gateRequest } from './gate-request.js';
export { batchDigest, batchOf, makeVerdict, verdictOf } from './make-verdict.js';
export { openVerdict } from './open-verdict.js';
export { type GateOutcome, type PassedShard, passGate } from './pass-gate.js';
export { replayProblem, verdictIn } from './replayed.js';
export { ownStatusList, readStatusList, statusListText, statusProblems } from './status-list.js';
export { verdictName, verdictsIn } from './verdict-name.js';
