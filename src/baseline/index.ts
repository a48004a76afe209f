export { MIN_BLOCKS } from './blocks.js';
export { fitBaseline, type TrustedTable } from './fit.js';
export { readTrusted } from './read.js';
export type { Baseline, FittedDetector } from './types.js';
