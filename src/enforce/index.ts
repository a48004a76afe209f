export { auditDecision, auditPause, auditPromotion, auditRescan, auditReview, isAudited } from './audit-trail.js';
export { checkRecords, checkRecordsInUse, namesRecords } from './check-records.js';
export { type Enforced, enforce, readEnforced } from './enforce.js';
export { findReleased, findUnderway } from './find-released.js';
export { type Held, type HeldFilter, heldBy, heldOf, narrowed, readDecision } from './held.js';
export { type LiftedRecall, liftRecall, type RecalledFiles, recallBatch } from './recall.js';
export { type Review, recordReview, standingsBefore } from './review.js';
export { type Standing, standings } from './standing.js';
export { sealNow } from './whereabouts.js';
