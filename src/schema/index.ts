export type * from './types.js';
export {
  assertDiagnosis,
  assertReport,
  checkConfig,
  contractProblems,
  defaultShardLimits,
  policyProblems,
  schemaProblem,
  trustProblems,
} from './validate.js';
