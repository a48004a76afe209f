export type * from './types.js';
export { assertReport, defaultShardLimits, policyProblems } from './validate.js';
