export type * from './types.js';
export {
  assertDiagnosis,
  assertReport,
  auditCheckpointProblem,
  auditEntryProblem,
  bundleProblem,
  contractProblems,
  defaultShardLimits,
  envelopeProblem,
  ledgerEntryProblem,
  manifestProblem,
  modelSigningProblem,
  policyProblems,
  signingCommandProblem,
  statusProblem,
  trustProblems,
  verdictProblem,
} from './validate.js';
