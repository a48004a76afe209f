import type { ManifestParent, VerdictShard, VerdictStatement } from '../schema/index.js';

/** What a bill of materials says beside the verdict. */
export interface BillDetails {
  readonly statement: VerdictStatement;
  /** The name of the verdict's file. */
  readonly file: string;
  /** SHA-256 of the verdict's file. */
  readonly sha256: string;
  /** Names of the verifiers who have signed it. */
  readonly signers: readonly string[];
  /** By path, where the manifest of the batch is at hand. */
  readonly shards: ReadonlyMap<string, ShardDetails>;
  /** What the manifest says that the batch was made from. */
  readonly parents: readonly ManifestParent[];
}

export interface ShardDetails {
  readonly source?: string;
  readonly rows?: number;
  readonly bytes?: number;
  readonly schema?: string;
}

type Property = { readonly name: string; readonly value: string };

/**
 * What a released batch consists of, for those who keep account of what a model was made from.
 * Source: CycloneDX 1.6, components of type data.
 */
export function billOfMaterials({ statement, file, sha256, signers, shards, parents }: BillDetails): object {
  const { subject, predicate } = statement;
  const name = subject[0]?.name ?? '';
  const released = predicate.shards.filter((shard) => shard.released);
  const batchRef = `batch:${subject[0]?.digest.sha256}`;
  const files = released.map((shard) => fileComponent(shard, shards.get(shard.name) ?? {}));
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: predicate.timeVerified,
      tools: { components: [{ type: 'application', name: 'taster', version: predicate.verifier.version }] },
      component: {
        type: 'data',
        'bom-ref': batchRef,
        group: predicate.dataset,
        name,
        version: predicate.timeVerified,
        hashes: hashes(subject[0]?.digest.sha256),
        data: [
          { type: 'dataset', name, description: `${released.length} released shards of ${predicate.shards.length}` },
        ],
        ...(parents.length === 0 ? {} : { pedigree: { ancestors: parents.map(parentComponent) } }),
        externalReferences: [{ type: 'attestation', url: file, hashes: hashes(sha256) }],
        properties: [...groundProperties(predicate), ...signers.map((signer) => property('signed-by', signer))],
      },
    },
    components: files,
    dependencies: [{ ref: batchRef, dependsOn: files.map((file) => file['bom-ref']) }],
  };
}

function fileComponent({ name, digest }: VerdictShard, { source, rows, bytes, schema }: ShardDetails) {
  const facts = { rows, bytes, schema };
  return {
    type: 'data',
    'bom-ref': `shard:${digest?.sha256}:${name}`,
    name,
    hashes: hashes(digest?.sha256),
    data: [
      {
        type: 'dataset',
        name,
        ...(source === undefined ? {} : { governance: { owners: [{ organization: { name: source } }] } }),
      },
    ],
    properties: Object.entries(facts).flatMap(([fact, value]) =>
      value === undefined ? [] : [property(fact, String(value))],
    ),
  };
}

function parentComponent({ name, digest }: ManifestParent) {
  return { type: 'data', name, hashes: hashes(digest['sha256']) };
}

function groundProperties({ expires, mode, verificationResult, rests }: VerdictStatement['predicate']): Property[] {
  const said = { verdict: verificationResult, mode, expires, ...rests };
  return Object.entries(said).flatMap(([name, value]) => (value === null ? [] : [property(name, value)]));
}

function property(name: string, value: string): Property {
  return { name: `taster:${name}`, value };
}

function hashes(sha256: string | undefined) {
  return sha256 === undefined ? [] : [{ alg: 'SHA-256', content: sha256 }];
}
