import { createHash } from 'node:crypto';
import type { ScanOutcome } from '../report/index.js';
import type { VerdictShard, VerdictStatement } from '../schema/index.js';

export interface VerdictDetails {
  /** The stream that the batch belongs to. */
  readonly dataset: string;
  readonly verified: Date;
  /** From then on nothing may be trained on by this verdict. */
  readonly expires: Date;
}

/** What a scan lets training read, as a statement to sign. Source: SLSA verification summary attestation, version 1. */
export function makeVerdict(outcome: ScanOutcome, { dataset, verified, expires }: VerdictDetails): VerdictStatement {
  const { decision, provenance } = outcome;
  const released = new Set(decision.shards.filter((shard) => shard.released).map(({ path }) => path));
  const shards = outcome.shards
    .map(({ path, sha256 }) => ({
      name: path,
      digest: sha256 === null ? null : { sha256 },
      released: sha256 !== null && released.has(path),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: outcome.batch, digest: { sha256: batchDigest(shards) } }],
    predicateType: 'https://taster.example/verdict/v1',
    predicate: {
      dataset,
      verifier: { id: 'https://taster.example', version: outcome.version },
      timeVerified: verified.toISOString(),
      expires: expires.toISOString(),
      verificationResult: shards.every((shard) => shard.released) ? 'PASSED' : 'FAILED',
      mode: decision.mode,
      shards,
      rests: {
        decision: sha256Of(JSON.stringify(decision)),
        policy: outcome.policy.sha256,
        baseline: outcome.baseline.sha256,
        contract: outcome.contract?.sha256 ?? null,
        manifest: provenance?.manifest ?? null,
        trust: provenance?.trust ?? null,
      },
    },
  };
}

/** Of all shards and what they are called. */
export function batchDigest(shards: readonly VerdictShard[]): string {
  return sha256Of(shards.map(({ name, digest }) => `${digest?.sha256 ?? 'unknown'}  ${name}\n`).join(''));
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
