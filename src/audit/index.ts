export { appendEntry, appendOnce } from './append.js';
export { checkpointProblem, checkpointText } from './checkpoint.js';
export type { AuditedAct } from './entry.js';
export { entriesAfter, readEntry } from './follow.js';
export { type AuditLog, entriesOf, readLog } from './read.js';
