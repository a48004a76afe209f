import { covers, type Trust } from '../../attest/index.js';
import { someOf } from '../../count.js';
import type { ManifestShard } from '../../schema/index.js';
import { held } from './read-manifest.js';
import { isIgnored } from './set-aside.js';
import type { FaultReason, FoundManifest, Provenance, ProvenanceFault } from './types.js';

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
/** Holds the file alone: its sender has not signed it, and nobody expects it among the data. */
const IGNORED: ProvenanceFault = {
  kind: 'provenance',
  reason: 'ignored-file',
  summary: 'its manifest says that it is no data',
  holds: true,
};
/** How many names a sentence holds. */
/** How many entries with the same fault are findings of their own: a manifest may list any number. */
const MOST_ENTRIES = 100;

/** Compares a batch with what its manifest says of it. */
export function checkShards(
  { claim: { shards: subject, ignores }, sources }: Pick<FoundManifest, 'claim' | 'sources'>,
  arrived: readonly ArrivedShard[],
  trust: Trust | undefined,
): Provenance {
  const listed = new Map(subject.map((shard) => [shard.name, shard]));
  const paths = new Set(arrived.map(({ path }) => path).filter((path) => !isIgnored(path, ignores)));
  return {
    batch: [...entryFaults(subject), ...missingFaults(subject, paths, trust)],
    shards: new Map(
      arrived.map((shard) => {
        if (isIgnored(shard.path, ignores)) return [shard.path, [IGNORED]];
        const faults = shardFaults(shard, listed.get(shard.path), sources);
        return [
          shard.path,
          faults.map(({ fault, reason }) => ({ ...fault, holdsBatch: trust?.onFault[reason] !== 'shard' })),
        ];
      }),
    ),
  };
}

function entryFaults(subject: readonly ManifestShard[]): ProvenanceFault[] {
  const names = subject.map(({ name }) => name);
  const seen = new Set<string>();
  const twice = names.filter((name) => seen.size === seen.add(name).size);
  const weak = subject.filter(({ digest }) => !isSha256(digest['sha256'])).map(({ name }) => name);
  return [
    ...ofEach([...new Set(twice)], 'duplicate-entry', (name) => `the manifest lists ${name} more than once`),
    ...ofEach(
      names.filter(isClimbing),
      'climbing-path',
      (name) => `the manifest names ${name}, which lies outside of the batch`,
    ),
    ...ofEach(
      names.filter(isElsewhere),
      'outside-incoming',
      (name) => `the manifest names ${name}, a place of its own and no path within the batch`,
    ),
    ...ofEach(weak, 'weak-digest', (name) => `the manifest gives no SHA-256 of ${name}`),
  ];
}

function isSha256(said: string | undefined): boolean {
  return SHA256.test(said ?? '');
}

/** Absolute, or a URI. */
function isElsewhere(name: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:|[/\\])/i.test(name);
}

/** On its way out of the folder, or not in the one way to write a path within it. */
function isClimbing(name: string): boolean {
  const isWritten = !name.includes('\\') && !name.split('/').some((part) => ['', '.', '..'].includes(part));
  return !isElsewhere(name) && !isWritten;
}

function missingFaults(
  subject: readonly ManifestShard[],
  arrived: ReadonlySet<string>,
  trust: Trust | undefined,
): ProvenanceFault[] {
  const isWithin = (name: string) => !isClimbing(name) && !isElsewhere(name);
  const missing = subject.map(({ name }) => name).filter((name) => !arrived.has(name) && isWithin(name));
  const say = (name: string) => `the manifest lists ${name}, which the batch does not hold`;
  return ofEach(missing, 'missing-shard', say, trust);
}

/** A fault for each entry, as long as they can be read; then one for the rest. */
function ofEach(
  names: readonly string[],
  reason: FaultReason,
  say: (name: string) => string,
  trust?: Trust,
): ProvenanceFault[] {
  const more = names.length - MOST_ENTRIES;
  return [
    ...names.slice(0, MOST_ENTRIES).map((name) => held(reason, say(name), trust)),
    ...(more > 0 ? [held(reason, `${more} more entries of the manifest have the same fault`, trust)] : []),
  ];
}

/** One of a shard, with the reason as the trust policy knows it. */
interface ShardFault {
  readonly reason: FaultReason;
  readonly fault: ProvenanceFault;
}

function shardFault(reason: FaultReason, summary: string, kind: ProvenanceFault['kind'] = 'provenance'): ShardFault {
  return { reason, fault: { kind, reason, summary, holds: true } };
}

function about(names: readonly string[], reason: FaultReason, before: string): ShardFault[] {
  if (names.length === 0) return [];
  return [shardFault(reason, `${before} ${someOf(names)}`)];
}

function shardFaults(
  shard: ArrivedShard,
  listed: ManifestShard | undefined,
  sources: readonly string[] | undefined,
): ShardFault[] {
  if (listed === undefined) return [shardFault('extra-shard', 'the manifest does not list it')];
  return [...contentFaults(shard, listed), ...sourceFaults(shard, listed, sources)];
}

function contentFaults(shard: ArrivedShard, listed: ManifestShard): ShardFault[] {
  const found = contentFault(shard, listed);
  if (found === undefined) return [];
  const [reason, what] = found;
  return [shardFault(reason, `${what}: it is not the file that was sent`, 'integrity')];
}

/** The first thing in which a file is not what its sender says: all others follow from it. */
function contentFault(
  { sha256, bytes, rows, schema, parts }: ArrivedShard,
  { digest, annotations = {} }: ManifestShard,
): readonly [reason: FaultReason, what: string] | undefined {
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

/** Where the manifest gives no digest that could be compared, its entry has a fault of its own, which holds the batch. */
function wholeFault(sha256: string | null, said: string | undefined): string | undefined {
  if (!isSha256(said) || sha256 === said) return undefined;
  return `its SHA-256 is ${sha256 ?? 'unknown'}, the manifest says ${said}`;
}

function partsFault(parts: readonly string[], said: readonly string[] = []): string | undefined {
  if (parts.length !== said.length) return `it has ${parts.length} parts, the manifest lists ${said.length}`;
  const changed = parts.flatMap((part, index) => (part === said[index] ? [] : [index + 1]));
  if (changed.length === 0) return undefined;
  return `of its ${parts.length} parts these are others than the manifest says: ${someOf(changed)}`;
}

function sourceFaults(
  shard: ArrivedShard,
  { annotations = {} }: ManifestShard,
  allowed: readonly string[] | undefined,
): ShardFault[] {
  const claimed = annotations.source;
  const others = claimed === undefined ? [] : shard.sources.filter((source) => source !== claimed);
  const strangers =
    allowed === undefined
      ? []
      : [...new Set([...shard.sources, ...(claimed === undefined ? [] : [claimed])])].filter(
          (source) => !covers(allowed, source),
        );
  return [
    ...about(others, 'other-source', `the manifest says that it comes from ${claimed}, but its rows name`),
    ...about(strangers, 'source-not-allowed', 'its signer may not send rows of'),
  ];
}
