export { approve } from './approve.js';
export { readCandidate } from './candidate.js';
export { propose } from './propose.js';
