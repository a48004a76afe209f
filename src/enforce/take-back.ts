import type { SigningKey } from '../attest/index.js';
import { readRecords, readSeal } from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import { Bug, Transient } from '../errors.js';
import type { Seal } from '../schema/index.js';
import { mapAtOnce, type ObjectStore, type StoredObject, saysGone, sha256OfAll } from '../store/index.js';
import { keptName, restsThere, shardOfRest } from './cleaned-names.js';
import { place } from './place.js';
import { sealedShard } from './sealed-shard.js';
import { type StandingShard, standings, withdrawn } from './standing.js';
import { type ReleasedDigests, releasedDigests } from './verdicts.js';

/** A file of a recalled batch, and where it lies now. */
export interface RecalledFile {
  readonly path: string;
  /** Of what was released; null where no verdict that counts names it. */
  readonly sha256: string | null;
  readonly uri: string | null;
  /**
   * `quarantined`: its bytes are in quarantine and no longer among the released; `tagged`: it stays where it arrived, tagged
   * as quarantined; `left`: what lies there is not what was judged, so it was not touched.
   */
  readonly state: 'quarantined' | 'tagged' | 'left';
  /** Of what was left, where that takes words: a sentence without full stop. */
  readonly why?: string;
}

interface Taking {
  readonly store: ObjectStore;
  readonly dataset: Dataset;
  readonly seal: Seal;
  readonly cleaned: ReleasedDigests;
  /** SHA-256 of what is taken back as a shard, or tagged, by path: a sender may have called one as a rest is called. */
  readonly whole: ReadonlyMap<string, string | null>;
}

/**
 * Removes recalled shards, and what was released of them without some rows, from where training reads, each once its bytes
 * are in quarantine. `key` is one whose verdicts count.
 * @throws BadInput RECORD_DAMAGED; Transient READ_FAILED, WRITE_FAILED
 */
export async function takeBack(
  store: ObjectStore,
  dataset: Dataset,
  batch: string,
  key: SigningKey,
): Promise<RecalledFile[]> {
  const seal = await readSeal(store, dataset.vault, batch);
  if (seal === undefined) throw new Bug(`batch ${batch} is not sealed`);
  const records = await readRecords(store, dataset.vault, batch);
  // Also what a later judgement had withdrawn before: its copy still lies there.
  const was = new Set(withdrawn(records, dataset.approvals));
  const recalled = standings(records, dataset.approvals).filter(({ isRecalled, path }) => isRecalled && was.has(path));
  const whole = new Map(recalled.map(({ path, sha256 }) => [path, sha256]));
  const taking = { store, dataset, seal, whole, cleaned: await releasedDigests(store, dataset, batch, key) };
  const takeOne = dataset.placement === 'in-place' ? tagged : takeShard;
  // First: where a shard is called as the rest of another, what is left by then is told of the shard.
  const rests = await mapAtOnce(recalled, ({ path }) => takeCleaned(taking, path));
  const files = await mapAtOnce(recalled, (shard) => takeOne(taking, shard));
  return files.flatMap((file, index) => [file, ...(rests[index] ?? [])]);
}

/** Enforcing has tagged it. */
async function tagged({ seal }: Taking, { path, sha256, standing }: StandingShard): Promise<RecalledFile> {
  return { path, sha256, uri: sealedShard(seal, path).uri, state: standing === 'changed' ? 'left' : 'tagged' };
}

async function takeShard(
  { store, dataset: { released, quarantine }, seal }: Taking,
  { path, sha256 }: StandingShard,
): Promise<RecalledFile> {
  const target = `${seal.batch}/${path}`;
  const kept = await store.find(quarantine, target);
  const isKept = kept !== undefined && (await digestOf(store, kept)) === sha256;
  if (isKept) await removeVersions(store, released, target, (digest) => digest === sha256);
  // Other bytes, which no verdict has released, may be evidence of their own.
  const rest = await store.find(released, target);
  if (isKept && rest === undefined) return { path, sha256, uri: kept.uri, state: 'quarantined' };
  return { path, sha256, uri: rest?.uri ?? null, state: 'left' };
}

/** What verdicts have released, and what no verdict tells of. */
async function takeCleaned(taking: Taking, shard: string): Promise<RecalledFile[]> {
  const { store, dataset, seal, cleaned } = taking;
  const told = [...cleaned.keys()].filter((name) => shardOfRest(name) === shard);
  const names = new Set([...told, ...(await restsThere(store, dataset.released, seal.batch, shard))]);
  return (await Promise.all([...names].sort().map((name) => takeCopies(taking, name)))).flat();
}

const NOWHERE = 'what was released is neither here nor in quarantine';

/** All that was ever released by a name, each kept by its digest: decisions differ in what rows they withhold. */
async function takeCopies(taking: Taking, path: string): Promise<RecalledFile[]> {
  const { store, dataset, seal, cleaned } = taking;
  const target = `${seal.batch}/${path}`;
  const isInPlace = dataset.placement === 'in-place';
  const isWhole = (sha256: string) => taking.whole.get(path) === sha256;
  // In place the shard of that name lies elsewhere, and its bytes may lie here as the rest of another.
  const digests = new Set([...(cleaned.get(path) ?? [])].filter((sha256) => isInPlace || !isWhole(sha256)));
  const refused = new Map<string, string>();
  await removeVersions(store, dataset.released, target, async (sha256, copy) => {
    if (!digests.has(sha256)) return false;
    const kept = `${seal.batch}/${keptName(path, sha256)}`;
    const placed = await place(store, copy, dataset.quarantine, { path: kept, sha256 }).catch((error: unknown) => {
      refused.set(sha256, whyTaken(error));
      return undefined;
    });
    return placed !== undefined;
  });
  const rest = await store.find(dataset.released, target);
  const told = await Promise.all(
    [...digests].map(async (sha256): Promise<RecalledFile | undefined> => {
      const uri = await whereKept(taking, path, sha256);
      if (uri !== undefined) return { path, sha256, uri, state: 'quarantined' };
      const why = refused.get(sha256);
      if (why === undefined && isWhole(sha256)) return undefined;
      const state = 'left' as const;
      return { path, sha256, uri: rest?.uri ?? null, state, why: why ?? NOWHERE };
    }),
  );
  const files = told.filter((file) => file !== undefined);
  const isTold = files.some(({ state }) => state === 'left') || (!isInPlace && taking.whole.has(path));
  if (rest === undefined || isTold) return files;
  return [
    ...files,
    { path, sha256: null, uri: rest.uri, state: 'left', why: 'no verdict that counts has released it' },
  ];
}

/** That something else has the name keeps no other file from being taken back. */
function whyTaken(error: unknown): string {
  if (error instanceof Transient && error.code === 'TARGET_TAKEN') return error.message;
  throw error;
}

/** Earlier versions kept it by its own name. */
async function whereKept({ store, dataset, seal }: Taking, path: string, sha256: string): Promise<string | undefined> {
  for (const name of [keptName(path, sha256), path]) {
    const kept = await store.find(dataset.quarantine, `${seal.batch}/${name}`);
    if (kept !== undefined && (await digestOf(store, kept)) === sha256) return kept.uri;
  }
  return undefined;
}

/**
 * Removes each version of an object that may go, also those below others, which whoever names them can read on. Somebody
 * else may be at it as well, and what is removed may lay bare another.
 */
async function removeVersions(
  store: ObjectStore,
  root: string,
  path: string,
  mayGo: (sha256: string, version: StoredObject) => Promise<boolean> | boolean,
): Promise<void> {
  const seen = new Set<string | undefined>();
  for (;;) {
    const fresh = (await store.versions(root, path)).filter(({ version }) => !seen.has(version));
    if (fresh.length === 0) return;
    for (const one of fresh) {
      seen.add(one.version);
      const sha256 = await digestOf(store, one);
      if (sha256 !== undefined && (await mayGo(sha256, one))) await store.remove(one.uri, one.version);
    }
  }
}

/** Undefined of what is gone by now. */
async function digestOf(store: ObjectStore, { uri, version }: StoredObject): Promise<string | undefined> {
  try {
    return await sha256OfAll(store.stream(uri, version));
  } catch (error) {
    if (saysGone(error)) return undefined;
    throw error;
  }
}
