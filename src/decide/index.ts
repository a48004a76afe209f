export { type Decided, decide } from './decide.js';
export { decideApart } from './decide-apart.js';
export { type Doubt, familyLevel, itemLevel, testHierarchy } from './hierarchy.js';
export { condemnedCarriers } from './item-findings.js';
export type { RowFilter, Selection } from './selection.js';
export { type SpectralEvidence, spectralPValue } from './spectral-findings.js';
export { type TriggerCandidate, testTriggers } from './trigger-candidates.js';
export { type FoundTriggers, NO_TRIGGERS } from './trigger-findings.js';
export type { Policy } from './types.js';
