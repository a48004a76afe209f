export { markRows } from './mark.js';
export { assertNotSplit, encodeKept, type SplitSummary, splitHeld } from './split.js';
export type { ShardMarks } from './types.js';
