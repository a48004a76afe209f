import {
  envelopeText,
  openEnvelope,
  parseJson,
  publicKeyOf,
  type SigningKey,
  seal,
  signersOf,
  weighSigners,
} from '../attest/index.js';
import { batchFolder, recordBytes } from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import { BadInput } from '../errors.js';
import { replayProblem, verdictIn, verdictName, verdictOf, verdictsIn } from '../gate/index.js';
import type { VerdictStatement } from '../schema/index.js';
import { type ObjectStore, sha256Of } from '../store/index.js';
import { shardOfRest } from './cleaned-names.js';
import { isData, type StandingShard } from './standing.js';

/** The last verdict on a batch; each speaks of all its shards. */
export interface LastVerdict {
  /** How many there are. */
  readonly number: number;
  readonly statement: VerdictStatement | null;
  /** It is an earlier one that was put back: no gate follows it. */
  readonly isReplayed: boolean;
  /** Milliseconds since 1970, of the newest of them; the next one must not be older. */
  readonly newest: number;
}

/**
 * The verdict that lies beside the released shards of a batch.
 * @throws BadInput RECORD_DAMAGED; Transient READ_FAILED
 */
export async function lastVerdict(store: ObjectStore, released: string, batch: string): Promise<LastVerdict> {
  const verdicts = await verdictsIn(store, released, `${batch}/`);
  const statements: VerdictStatement[] = [];
  for (const { uri } of verdicts) statements.push(await readStatement(store, uri));
  const statement = statements.at(-1) ?? null;
  const isReplayed = statement !== null && replayProblem(statement, statements.slice(0, -1)) !== undefined;
  const newest = Math.max(0, ...statements.map(({ predicate }) => Date.parse(predicate.timeVerified)));
  return { number: verdicts.length, statement, isReplayed, newest };
}

/** True where somebody has put an earlier verdict in the place of the last, or taken that away. */
export function isOverruled({ statement, isReplayed }: LastVerdict, standing: readonly StandingShard[]): boolean {
  return isReplayed || releasesRecalled(statement, standing);
}

/** A verdict still releases, whole or without some rows, what was recalled. */
function releasesRecalled(statement: VerdictStatement | null, standing: readonly StandingShard[]): boolean {
  const recalled = new Set(standing.filter((shard) => shard.isRecalled && !isData(shard)).map(({ path }) => path));
  const isOfRecalled = (name: string) => recalled.has(name) || recalled.has(shardOfRest(name) ?? name);
  return statement?.predicate.shards.some(({ name, released }) => released && isOfRecalled(name)) === true;
}

/**
 * Writes the next verdict, signed where there is a key, into the vault, by its digest, and beside what it releases; returns
 * its name there, or undefined where somebody else has written it.
 * @throws Transient WRITE_FAILED
 */
export async function addVerdict(
  store: ObjectStore,
  { released, vault }: Pick<Dataset, 'released' | 'vault'>,
  after: number,
  content: Parameters<typeof verdictOf>[0],
  key: SigningKey | null,
): Promise<string | undefined> {
  const name = verdictName(after + 1);
  const statement = verdictOf(content);
  const bytes =
    key === null
      ? recordBytes(statement)
      : Buffer.from(envelopeText(seal(Buffer.from(JSON.stringify(statement)), [key])));
  await store.create(vault, `${batchFolder(content.batch)}/verdicts/${sha256Of(bytes)}.json`, bytes);
  return (await store.create(released, `${content.batch}/${name}`, bytes)) ? name : undefined;
}

/** SHA-256 of what was released by a name, in any verdict: a later one may have released other bytes by it. */
export type ReleasedDigests = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * What all verdicts beside a batch that count have released. Whoever can write there can write a verdict: it counts where
 * `key` has signed it, or a verifier of the dataset's trust policy; without a signature where the dataset signs none.
 * @throws Transient READ_FAILED
 */
export async function releasedDigests(
  store: ObjectStore,
  dataset: Pick<Dataset, 'name' | 'released' | 'trust' | 'signingKey'>,
  batch: string,
  key: SigningKey,
): Promise<ReleasedDigests> {
  const digests = new Map<string, Set<string>>();
  for (const { uri, version } of await verdictsIn(store, dataset.released, `${batch}/`)) {
    const content = await store.read(uri, version);
    const statement = verdictIn(content);
    if (typeof statement === 'string' || !isAbout(statement, dataset.name, batch)) continue;
    if (!counts(content, statement, dataset, key)) continue;
    for (const { name, digest, released } of statement.predicate.shards) {
      if (released && digest !== null) digests.set(name, (digests.get(name) ?? new Set()).add(digest.sha256));
    }
  }
  return digests;
}

function isAbout({ subject, predicate }: VerdictStatement, dataset: string, batch: string): boolean {
  return subject[0]?.name === batch && predicate.dataset === dataset;
}

function counts(
  content: Uint8Array,
  { predicate: { dataset, timeVerified } }: VerdictStatement,
  { trust, signingKey }: Pick<Dataset, 'trust' | 'signingKey'>,
  key: SigningKey,
): boolean {
  const opened = openEnvelope(parseJson(content));
  if ('problem' in opened) return signingKey === null;
  const signed = Date.parse(timeVerified);
  if (signersOf(opened, [{ key: publicKeyOf(key) }], signed).length > 0) return true;
  const known = signersOf(opened, trust?.verifiers ?? [], signed);
  // It may be long ago that it was signed.
  return weighSigners(known, { dataset, signed, now: signed }).signers.length > 0;
}

async function readStatement(store: ObjectStore, uri: string): Promise<VerdictStatement> {
  const statement = verdictIn(await store.read(uri));
  if (typeof statement === 'string') throw new BadInput('RECORD_DAMAGED', { path: uri, detail: statement });
  return statement;
}
