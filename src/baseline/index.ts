export { MIN_BLOCKS } from './blocks.js';
export { fitBaseline } from './fit.js';
export { readTrusted } from './read.js';
export type { Baseline, FittedDetector } from './types.js';
