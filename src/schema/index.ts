export type * from './types.js';
export { assertReport, policyProblems } from './validate.js';
