import type { ShardAssessment } from '../assess/index.js';
import type { Trust } from '../attest/index.js';
import type { Doubt } from '../decide/index.js';
import type { Shard } from '../intake/index.js';
import type { ScanOutcome } from '../report/index.js';
import type { ManifestShard } from '../schema/index.js';
import type { ObjectStore, StoredObject } from '../store/index.js';
import {
  type BesideShards,
  checkProvenance,
  type GivenManifest,
  jointSigner,
  MANIFEST_NAME,
  type ProvenanceFault,
} from '../verify/index.js';

/** What is known beforehand of where a batch comes from. */
export interface OriginRequest {
  /** Undefined: the one in the batch's folder, where there is one. */
  readonly manifest?: string;
  readonly trust?: Trust;
  /** The stream that the batch belongs to; undefined: whatever its manifest says. */
  readonly dataset?: string;
}

interface Origin {
  readonly assessments: readonly ShardAssessment[];
  readonly doubts: readonly Doubt[];
  /** Who vouches for every shard as it arrived; empty where that is not proven. */
  readonly signer: string;
  /** Null where there is nothing to check. */
  readonly record: ScanOutcome['provenance'];
}

/** What arrived and what its sender says of it. */
interface ArrivedBatch {
  readonly name: string;
  readonly manifest: Uint8Array | undefined;
  readonly beside: BesideShards;
  readonly shards: readonly Shard[];
  readonly assessments: readonly ShardAssessment[];
}

/** Compares what arrived with what its manifest says and who has signed it; doubts of a shard are added to its faults. */
export function proveOrigin(
  { name, manifest: content, beside, shards, assessments }: ArrivedBatch,
  { trust, dataset }: OriginRequest,
): Origin {
  if (content === undefined && trust === undefined) return { assessments, doubts: [], signer: '', record: null };
  const bytes = new Map(shards.map((shard) => [shard.path, shard.bytes]));
  const arrived = assessments.map((shard) => ({ ...shard, bytes: bytes.get(shard.path) ?? 0 }));
  const expected = { trust, dataset, batch: name, now: Date.now() };
  const { provenance, manifest } = checkProvenance(content, arrived, expected);
  const signers = manifest?.signers ?? [];
  const isProven = [provenance.batch, ...provenance.shards.values()].every(
    (faults) => !faults.some(({ holds }) => holds),
  );
  return {
    assessments: assessments.map((shard) => withFaults(shard, provenance.shards.get(shard.path) ?? [])),
    doubts: provenance.batch,
    // A manifest that was copied to other rows must not have them count against whoever signed it.
    signer: isProven ? jointSigner(signers) : '',
    record: {
      dataset: dataset ?? manifest?.claim.dataset ?? null,
      manifest: manifest?.sha256 ?? null,
      trust: trust?.sha256 ?? null,
      signers,
      signatures: manifest?.signatures ?? [],
      sources: sourcesOf(manifest?.claim.shards ?? []),
      ...beside,
    },
  };
}

function sourcesOf(shards: readonly ManifestShard[]): string[] {
  const named = shards.flatMap(({ annotations }) => (annotations?.source === undefined ? [] : [annotations.source]));
  return [...new Set(named)].sort();
}

/** The manifest that is named, or the one in the batch's folder. @throws BadInput PATH_MISSING; Transient READ_FAILED */
export async function readManifest(
  store: ObjectStore,
  batch: readonly string[],
  given: string | undefined,
): Promise<GivenManifest | undefined> {
  if (given !== undefined) return readObject(store, (await store.list(given))[0]);
  const [root, ...others] = batch;
  if (root === undefined || others.length > 0) return undefined;
  return readObject(store, await store.find(root, MANIFEST_NAME));
}

async function readObject(store: ObjectStore, object: StoredObject | undefined): Promise<GivenManifest | undefined> {
  return object && { content: await store.read(object.uri, object.version), uri: object.uri };
}

function withFaults(shard: ShardAssessment, doubts: readonly ProvenanceFault[]): ShardAssessment {
  if (doubts.length === 0) return shard;
  const faults = doubts.map(({ reason, ...fault }) => ({ ...fault, numbers: { reason } }));
  return { ...shard, faults: [...shard.faults, ...faults] };
}
