export { decodeBaseline, encodeBaseline } from './artefact/artefact.js';
export { buildBaseline } from './artefact/build.js';
export type { ArtefactHeader } from './artefact/header.js';
export { openBaseline } from './artefact/open.js';
export { peekArtefact } from './artefact/peek.js';
export { MIN_BLOCKS } from './blocks.js';
export { fitBaseline } from './fit.js';
export { readTrusted } from './read.js';
export type { Baseline, FittedDetector, TrustedTable } from './types.js';
