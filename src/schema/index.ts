export type * from './types.js';
export { assertReport, contractProblems, policyProblems } from './validate.js';
