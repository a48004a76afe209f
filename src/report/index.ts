export { gatherOutcome } from './gather-outcome.js';
export { reportJson } from './report-json.js';
export { safeJson, safeText } from './safe-text.js';
export { type Canvas, canvasOf, grid, paragraph, section } from './terminal/layout.js';
export { renderTerminal } from './terminal.js';
export type * from './types.js';
export { readWorstRows } from './worst-rows.js';
export { prepareOutput, writeReport } from './write.js';
