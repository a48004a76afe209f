export { gatherOutcome } from './gather-outcome.js';
export { reportHtml } from './html/index.js';
export { redactOutcome } from './redact.js';
export { reportJson } from './report-json.js';
export { safeText } from './safe-text.js';
export { renderTerminal } from './terminal.js';
export type * from './types.js';
export { readWorstRows } from './worst-rows.js';
export { prepareOutput, writeReport } from './write.js';
