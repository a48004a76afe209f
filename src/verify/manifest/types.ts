import type { FaultVerdicts, ManifestParent, ManifestShard, ManifestSignature } from '../../schema/index.js';

/** What a sender says of a batch, in whatever form. */
export interface Claim {
  readonly shards: readonly ManifestShard[];
  /** Undefined where it does not say. */
  readonly dataset?: string;
  readonly batch?: string;
  readonly created?: string;
  readonly expires?: string;
  /** What the shards were made from. */
  readonly parents?: readonly ManifestParent[];
  /** Paths within the batch that are no data, with all below them. */
  readonly ignores?: readonly string[];
}

/** Each has a verdict of its own in the trust policy. */
export type FaultReason = keyof FaultVerdicts;

/** Something that keeps origin or content of a batch from being proven. */
export interface ProvenanceFault {
  readonly kind: 'provenance' | 'integrity';
  /** Which rule is broken, for programs. */
  readonly reason: string;
  /** A sentence without full stop. */
  readonly summary: string;
  readonly holds: boolean;
  /** True where a fault of one shard holds all others as well. */
  readonly holdsBatch?: boolean;
}

/** A manifest as it was found. */
export interface FoundManifest {
  /** Of the file, lower-case hexadecimal. */
  readonly sha256: string;
  readonly claim: Claim;
  /** Names of those whose signatures count; empty without a trust policy. */
  readonly signers: readonly string[];
  /** By which key or under which identity each of them has signed. */
  readonly signatures: readonly ManifestSignature[];
  /** Of all sources that the signers may send, undefined for any. */
  readonly sources: readonly string[] | undefined;
}

/** What is said of a batch as a whole, and of its shards by path. */
export interface Provenance {
  readonly batch: readonly ProvenanceFault[];
  readonly shards: ReadonlyMap<string, readonly ProvenanceFault[]>;
}
