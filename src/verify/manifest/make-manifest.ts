import type { ManifestParent, ManifestStatement, ShardParts } from '../../schema/index.js';

/** Where a manifest lies in the folder of its batch: no shard is called like that. */
export const MANIFEST_NAME = '_manifest.json';

/** A shard as a manifest names it. */
export interface SentShard {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Undefined where they were not counted. */
  readonly rows?: number;
  /** Digest of its columns. */
  readonly schema?: string;
  readonly parts?: ShardParts;
}

/** What a sender says of a batch beside its shards. */
export interface ManifestDetails {
  readonly dataset: string;
  readonly batch: string;
  readonly source?: string;
  readonly created: Date;
  readonly expires?: Date;
  /** What the shards were made from. */
  readonly parents?: readonly ManifestParent[];
}

/** The statement of what a batch consists of. */
export function makeManifest(
  shards: readonly SentShard[],
  { dataset, batch, source, created, expires, parents = [] }: ManifestDetails,
): ManifestStatement {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: shards.map(({ path, sha256, bytes, ...facts }) => ({
      name: path,
      digest: { sha256 },
      annotations: { bytes, ...facts, ...(source === undefined ? {} : { source }) },
    })),
    predicateType: 'https://taster.example/manifest/v1',
    predicate: {
      dataset,
      batch,
      created: created.toISOString(),
      ...(expires === undefined ? {} : { expires: expires.toISOString() }),
      ...(parents.length === 0 ? {} : { parents }),
    },
  };
}
