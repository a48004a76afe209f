export type * from './types.js';
export {
  assertDiagnosis,
  assertReport,
  contractProblems,
  defaultShardLimits,
  ledgerEntryProblem,
  policyProblems,
} from './validate.js';
