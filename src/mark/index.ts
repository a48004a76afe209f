export { markRows } from './mark.js';
export type { ShardMarks } from './types.js';
export { assertNotSplit, type SplitSummary, splitHeld } from './split.js';
