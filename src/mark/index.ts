export { markRows } from './mark.js';
export { assertNotSplit, type SplitSummary, splitHeld } from './split.js';
export type { ShardMarks } from './types.js';
