export type * from './types.js';
export {
  assertDiagnosis,
  assertReport,
  contractProblems,
  defaultShardLimits,
  policyProblems,
} from './validate.js';
