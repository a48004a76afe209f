export { MIN_BLOCKS } from './blocks.js';
export { featureNames } from './columns.js';
export { fitBaseline } from './fit.js';
export { joinTables } from './join-tables.js';
export { fitProvisional, foldOf, type SampledTable } from './provisional.js';
export { readTrusted } from './read.js';
export type { Baseline, FittedDetector } from './types.js';
