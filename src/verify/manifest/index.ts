export { checkProvenance, jointSigner } from './check.js';
export type { ArrivedShard } from './check-shards.js';
export { MANIFEST_NAME, makeManifest, type SentShard } from './make-manifest.js';
export { modelSigningStatement } from './model-signing.js';
export { openManifest, requireNamedDataset } from './read-manifest.js';
export { type BesideShards, type GivenManifest, setAsideIgnored } from './set-aside.js';
export type { ProvenanceFault } from './types.js';
