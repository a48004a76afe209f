export { type BucketPolicy, policyOf, type Role, roles, VERDICT_TAG } from './policy.js';
