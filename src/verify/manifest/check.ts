import { type ArrivedShard, checkShards } from './check-shards.js';
import { type Expectation, missingManifest, readManifest } from './read-manifest.js';
import type { FoundManifest, Provenance } from './types.js';

const NOTHING: Provenance = { batch: [], shards: new Map() };

/** Everything that keeps it from being proven that a batch is what a trusted sender has sent. */
export function checkProvenance(
  content: Uint8Array | undefined,
  arrived: readonly ArrivedShard[],
  expected: Expectation,
): { readonly provenance: Provenance; readonly manifest: FoundManifest | null } {
  if (content === undefined) {
    const batch = expected.trust === undefined ? [] : [missingManifest(expected.trust)];
    return { provenance: { ...NOTHING, batch }, manifest: null };
  }
  const { manifest, faults } = readManifest(content, expected);
  if (manifest === null) return { provenance: { ...NOTHING, batch: faults }, manifest };
  const { batch, shards } = checkShards(manifest, arrived, expected.trust);
  return { provenance: { batch: [...faults, ...batch], shards }, manifest };
}

/** One name for all who have signed; empty where nobody has. */
export function jointSigner(signers: readonly string[]): string {
  return [...new Set(signers)].sort().join(' and ');
}
