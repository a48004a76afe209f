export type * from './types.js';
export {
  assertDiagnosis,
  assertReport,
  configProblems,
  contractProblems,
  defaultShardLimits,
  policyProblems,
  schemaProblem,
  trustProblems,
} from './validate.js';
