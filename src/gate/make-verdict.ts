import type { ScanOutcome } from '../report/index.js';
import type { VerdictFacts, VerdictShard, VerdictStatement } from '../schema/index.js';
import { sha256Of } from '../store/index.js';

export interface VerdictDetails {
  /** The stream that the batch belongs to. */
  readonly dataset: string;
  readonly verified: Date;
  /** From then on nothing may be trained on by this verdict. */
  readonly expires: Date;
}

/** What a scan lets training read, as a statement to sign. */
export function makeVerdict(outcome: ScanOutcome, details: VerdictDetails): VerdictStatement {
  const { batch, version, decision, provenance } = outcome;
  const beside = besideShards(provenance);
  return verdictOf({
    ...details,
    batch,
    version,
    mode: decision.mode,
    shards: shardsOf(outcome),
    ...(beside.length > 0 && { beside }),
    rests: {
      decision: sha256Of(JSON.stringify(decision)),
      policy: outcome.policy.sha256,
      baseline: outcome.baseline.sha256,
      contract: outcome.contract?.sha256 ?? null,
      manifest: provenance?.manifest ?? null,
      trust: provenance?.trust ?? null,
      artefact: outcome.baseline.artefact,
      ledger: outcome.ledger?.sha256 ?? null,
    },
  });
}

/** A scanned batch as its verdict names it. */
export function batchOf(outcome: ScanOutcome): { readonly name: string; readonly sha256: string } {
  return { name: outcome.batch, sha256: batchDigest(shardsOf(outcome)) };
}

function shardsOf({ shards, decision }: ScanOutcome): VerdictShard[] {
  const released = new Set(decision.shards.filter((shard) => shard.released).map(({ path }) => path));
  return shards.map(({ path, sha256 }) => ({
    name: path,
    digest: sha256 === null ? null : { sha256 },
    released: sha256 !== null && released.has(path),
  }));
}

/** The gate has to know it, so that it never lets it through and refuses no batch for it. */
function besideShards(provenance: ScanOutcome['provenance']): string[] {
  const { ignored = [], manifestPath } = provenance ?? {};
  return [...ignored, ...(manifestPath === undefined ? [] : [manifestPath])].sort();
}

function byName<Shard extends Pick<VerdictShard, 'name'>>(shards: readonly Shard[]): Shard[] {
  return [...shards].sort((a, b) => (a.name < b.name ? -1 : 1));
}

interface VerdictContent extends VerdictDetails, Pick<VerdictFacts, 'mode' | 'shards' | 'beside' | 'rests'> {
  readonly batch: string;
  /** Of Taster. */
  readonly version: string;
}

/** Source: SLSA verification summary attestation, version 1. */
export function verdictOf({
  batch,
  version,
  dataset,
  verified,
  expires,
  mode,
  beside,
  rests,
  ...content
}: VerdictContent): VerdictStatement {
  const shards = byName(content.shards);
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: batch, digest: { sha256: batchDigest(shards) } }],
    predicateType: 'https://taster.example/verdict/v1',
    predicate: {
      dataset,
      verifier: { id: 'https://taster.example', version },
      timeVerified: verified.toISOString(),
      expires: expires.toISOString(),
      verificationResult: shards.every(({ released }) => released) ? 'PASSED' : 'FAILED',
      mode,
      shards,
      ...(beside !== undefined && { beside }),
      rests,
    },
  };
}

/** Of all shards and what they are called, by name. */
export function batchDigest(shards: readonly Pick<VerdictShard, 'name' | 'digest'>[]): string {
  return sha256Of(
    byName(shards)
      .map(({ name, digest }) => `${digest?.sha256 ?? 'unknown'}  ${name}\n`)
      .join(''),
  );
}
