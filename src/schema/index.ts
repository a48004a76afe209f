export type * from './types.js';
export { assertDiagnosis, assertReport, policyProblems } from './validate.js';
