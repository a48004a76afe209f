export { approve } from './approve.js';
export { findCandidate, readCandidate } from './candidate.js';
export { propose } from './propose.js';
