export type * from './types.js';
export {
  assertDiagnosis,
  assertReport,
  bundleProblem,
  contractProblems,
  defaultShardLimits,
  envelopeProblem,
  ledgerEntryProblem,
  manifestProblem,
  modelSigningProblem,
  policyProblems,
  statusProblem,
  trustProblems,
  verdictProblem,
} from './validate.js';
