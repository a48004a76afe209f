import { covers } from '../../attest/index.js';
import type { ManifestShard } from '../../schema/index.js';
import { held } from './read-manifest.js';
import type { FoundManifest, Provenance, ProvenanceFault } from './types.js';

/** What was found of a shard. */
export interface ArrivedShard {
  readonly path: string;
  /** Null when it is too large to be read at all. */
  readonly sha256: string | null;
  /** Null when it could not be read. */
  readonly rows: number | null;
  /** Undefined when it was not read as a table. */
  readonly schema?: string;
  readonly bytes: number;
  /** Digests of the parts that the manifest lists, in place of one of the whole. */
  readonly parts?: readonly string[];
  /** Named by its rows. */
  readonly sources: readonly string[];
}

const SHA256 = /^[0-9a-f]{64}$/;
/** How many names a sentence holds. */
const MOST_NAMED = 5;

/** Compares a batch with what its manifest says of it. */
export function checkShards(
  { claim: { shards: subject }, sources }: Pick<FoundManifest, 'claim' | 'sources'>,
  arrived: readonly ArrivedShard[],
): Provenance {
  const listed = new Map(subject.map((shard) => [shard.name, shard]));
  const paths = new Set(arrived.map(({ path }) => path));
  return {
    batch: [...entryFaults(subject), ...missingFaults(subject, paths)],
    shards: new Map(arrived.map((shard) => [shard.path, shardFaults(shard, listed.get(shard.path), sources)])),
  };
}

function entryFaults(subject: readonly ManifestShard[]): ProvenanceFault[] {
  const names = subject.map(({ name }) => name);
  const seen = new Set<string>();
  const twice = names.filter((name) => seen.size === seen.add(name).size);
  return [
    ...about([...new Set(twice)], 'duplicate-entry', 'the manifest lists', 'more than once'),
    ...about(names.filter(isOutside), 'climbing-path', 'the manifest names', 'which lies outside of the batch'),
    ...about(
      subject.filter(({ digest }) => !SHA256.test(digest['sha256'] ?? '')).map(({ name }) => name),
      'weak-digest',
      'the manifest gives no SHA-256 of',
      '',
    ),
  ];
}

/** Absolute, of another place, or on its way out of the folder. */
function isOutside(name: string): boolean {
  const parts = name.split('/');
  return (
    /^[a-z][a-z0-9+.-]*:/i.test(name) || name.includes('\\') || parts.some((part) => ['', '.', '..'].includes(part))
  );
}

function missingFaults(subject: readonly ManifestShard[], arrived: ReadonlySet<string>): ProvenanceFault[] {
  const missing = subject.map(({ name }) => name).filter((name) => !arrived.has(name) && !isOutside(name));
  return about(missing, 'missing-shard', 'the manifest lists', 'which the batch does not hold');
}

function about(names: readonly string[], reason: string, before: string, after: string): ProvenanceFault[] {
  if (names.length === 0) return [];
  const shown = names.slice(0, MOST_NAMED).join(', ');
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
  return [held(reason, [`${before} ${shown}${more}`, after].filter((part) => part !== '').join(' '))];
}

function shardFaults(
  shard: ArrivedShard,
  listed: ManifestShard | undefined,
  sources: readonly string[] | undefined,
): ProvenanceFault[] {
  if (listed === undefined) return [held('extra-shard', 'the manifest does not list it')];
  return [...contentFaults(shard, listed), ...sourceFaults(shard, listed, sources)];
}

function contentFaults(shard: ArrivedShard, listed: ManifestShard): ProvenanceFault[] {
  const found = contentFault(shard, listed);
  if (found === undefined) return [];
  const [reason, what] = found;
  return [{ kind: 'integrity', reason, summary: `${what}: it is not the file that was sent`, holds: true }];
}

/** The first thing in which a file is not what its sender says: all others follow from it. */
function contentFault(
  { sha256, bytes, rows, schema, parts }: ArrivedShard,
  { digest, annotations = {} }: ManifestShard,
): readonly [reason: string, what: string] | undefined {
  const other =
    parts === undefined ? wholeFault(sha256, digest['sha256']) : partsFault(parts, annotations.parts?.sha256);
  if (other !== undefined) return ['bad-digest', other];
  if (differs(annotations.bytes, bytes))
    return ['bad-size', `it has ${bytes} bytes, the manifest says ${annotations.bytes}`];
  if (differs(annotations.rows, rows))
    return ['bad-rows', `it has ${rows} rows, the manifest says ${annotations.rows}`];
  if (!differs(annotations.schema, schema)) return undefined;
  return ['bad-schema', `its columns have the digest ${schema}, the manifest says ${annotations.schema}`];
}

/** What the manifest does not say, or nobody has looked at, differs from nothing. */
function differs<T>(said: T | undefined, found: T | null | undefined): boolean {
  return said !== undefined && found !== null && found !== undefined && said !== found;
}

function wholeFault(sha256: string | null, said: string | undefined): string | undefined {
  return sha256 === said ? undefined : `its SHA-256 is ${sha256 ?? 'unknown'}, the manifest says ${said ?? 'nothing'}`;
}

function partsFault(parts: readonly string[], said: readonly string[] = []): string | undefined {
  if (parts.length !== said.length) return `it has ${parts.length} parts, the manifest lists ${said.length}`;
  const changed = parts.flatMap((part, index) => (part === said[index] ? [] : [index + 1]));
  if (changed.length === 0) return undefined;
  const shown = changed.slice(0, MOST_NAMED).join(', ');
  const more = changed.length > MOST_NAMED ? ` and ${changed.length - MOST_NAMED} more` : '';
  return `of its ${parts.length} parts these are others than the manifest says: ${shown}${more}`;
}

function sourceFaults(
  shard: ArrivedShard,
  { annotations = {} }: ManifestShard,
  allowed: readonly string[] | undefined,
) {
  const claimed = annotations.source;
  const others = claimed === undefined ? [] : shard.sources.filter((source) => source !== claimed);
  const strangers =
    allowed === undefined
      ? []
      : [...new Set([...shard.sources, ...(claimed === undefined ? [] : [claimed])])].filter(
          (source) => !covers(allowed, source),
        );
  return [
    ...about(others, 'other-source', `the manifest says that it comes from ${claimed}, but its rows name`, ''),
    ...about(strangers, 'source-not-allowed', 'its signer may not send rows of', ''),
  ];
}
