export { gatherOutcome } from './gather-outcome.js';
export { reportJson } from './report-json.js';
export { safeJson, safeText } from './safe-text.js';
export { renderBaseline } from './terminal/baseline.js';
export { renderTerminal } from './terminal.js';
export type * from './types.js';
export { WorstRows } from './worst-rows.js';
export { prepareOutput, type RowsSink, writeReport } from './write.js';
