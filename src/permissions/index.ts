export { bucketPolicies, missingDenials } from './bucket.js';
export { policyOf, type Role, roles, VERDICT_TAG } from './policy.js';
