export { checkProvenance } from './check.js';
export { MANIFEST_NAME, makeManifest } from './make-manifest.js';
export { modelSigningStatement } from './model-signing.js';
export { openManifest } from './read-manifest.js';
export type { ProvenanceFault } from './types.js';
