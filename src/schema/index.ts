export type * from './types.js';
export { assertDiagnosis, assertReport, contractProblems, policyProblems } from './validate.js';
