export { markRows } from './mark.js';
export type { ShardMarks } from './types.js';
