import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Trust } from '../attest/index.js';
import {
  currentJudgement,
  isEnforced,
  readRecords,
  readSeal,
  readSealedManifest,
  sealedBatches,
} from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import { readDecision, sealNow, standings } from '../enforce/index.js';
import { BadInput } from '../errors.js';
import { locateShards, parseShard, pinShard, readAgain } from '../intake/index.js';
import { encodeKept } from '../mark/index.js';
import type { Candidate, Decision, Seal, SealedShard } from '../schema/index.js';
import { type ObjectStore, orWriteFailed } from '../store/index.js';
import { checkProvenance, jointSigner } from '../verify/index.js';
import { capShares, leaveOut, type SignedRows } from './cap.js';

interface ReleasedShard extends SealedShard {
  readonly batch: string;
  /** Sorted; empty: nobody who is trusted. */
  readonly signers: readonly string[];
  readonly sha256: string;
  readonly rows: number;
}

/** Shards under the same signatures. */
interface SignedShards extends SignedRows {
  readonly shards: readonly ReleasedShard[];
}

interface ReleasedBatch {
  readonly name: string;
  readonly decision: string;
  readonly shards: readonly ReleasedShard[];
  /** Shards that training reads and that nothing should be learnt from. */
  readonly leftOut: number;
}

/** What a candidate is made of. */
export type Gathered = Pick<Candidate, 'rows' | 'shares' | 'batches' | 'leftOut'>;

export interface GatherRequest {
  /** Names; undefined: every batch that is settled. */
  readonly batches: readonly string[] | undefined;
  /** Path of rows that are trusted whoever has sent them. */
  readonly trusted: string | undefined;
  /** Where the rows go as files. */
  readonly folder: string;
}

/**
 * Puts the released rows of batches into a folder, no signer's beyond the share that the policy gives one.
 * @throws BadInput BATCH_UNKNOWN, PROMOTION_REFUSED where nothing is left; RECORD_DAMAGED; Transient READ_FAILED, WRITE_FAILED
 */
export async function gatherRows(
  store: ObjectStore,
  dataset: Dataset,
  { batches: asked, trusted, folder }: GatherRequest,
): Promise<Gathered> {
  const names = new Set(asked ?? (await sealedBatches(store, dataset.vault)));
  const batches: ReleasedBatch[] = [];
  for (const name of names) {
    const released = await releasedBatch(store, dataset, name);
    if (released === undefined && asked !== undefined) throw new BadInput('BATCH_UNKNOWN', { batch: name });
    if (released !== undefined) batches.push(released);
  }
  const uncapped = trusted === undefined ? 0 : await copyTrusted(store, trusted, join(folder, 'trusted'));
  const groups = groupBySigners(batches.flatMap(({ shards }) => shards));
  const kept = keptRows(groups, dataset.signerShare, uncapped);
  for (const [index, group] of groups.entries()) {
    await writeKept(store, dataset, group, kept[index] ?? 0, join(folder, 'released'));
  }
  const shares = groups.map(({ signers, rows: sent }, index) => {
    const rows = kept[index] ?? 0;
    return { signer: jointSigner(signers) || null, rows, leftOut: sent - rows };
  });
  return {
    rows: uncapped + shares.reduce((sum, { rows }) => sum + rows, 0),
    shares,
    batches: batches
      .filter(({ shards }) => shards.length > 0)
      .map(({ name, decision, shards }) => ({ name, decision, shards: shards.length })),
    leftOut: batches.reduce((sum, { leftOut }) => sum + leftOut, 0),
  };
}

async function releasedBatch(store: ObjectStore, dataset: Dataset, name: string): Promise<ReleasedBatch | undefined> {
  const { vault } = dataset;
  const [seal, records] = [await readSeal(store, vault, name), await readRecords(store, vault, name)];
  const judgement = currentJudgement(records);
  if (seal === undefined || judgement === undefined || !isEnforced(records)) return undefined;
  const decision = await readDecision(store, vault, name, judgement.decision);
  const read = standings(records, dataset.approvals).filter(
    ({ standing }) => standing === 'released' || standing === 'cleaned',
  );
  const sound = read.filter((shard) => shard.standing === 'released' && !isObserved(decision, shard));
  const signers = dataset.trust === null ? [] : await signersOf(store, dataset, dataset.trust, seal);
  const now = new Map((await sealNow(store, dataset, seal, records)).shards.map((shard) => [shard.path, shard]));
  const shards: ReleasedShard[] = [];
  for (const { path, sha256 } of sound) {
    const shard = now.get(path);
    if (shard === undefined || sha256 === null) continue;
    const { numRows: rows } = await readAgain(store, { ...shard, sha256 }, dataset.policy.limits);
    shards.push({ ...shard, batch: name, signers, sha256, rows });
  }
  return { name, decision: judgement.decision, shards, leftOut: read.length - shards.length };
}

/** Released because the dataset only observes: its decision would have held it. */
function isObserved({ shards }: Decision, { path, released }: { readonly path: string; readonly released: boolean }) {
  return released && shards.find((shard) => shard.path === path)?.verdict !== 'release';
}

/** By the keys that are trusted now: one that was revoked since vouches for nothing. */
async function signersOf(store: ObjectStore, dataset: Dataset, trust: Trust, seal: Seal): Promise<readonly string[]> {
  const content = await readSealedManifest(store, dataset.vault, seal);
  const expected = { trust, dataset: dataset.name, batch: seal.batch, now: Date.now() };
  return [...new Set(checkProvenance(content, [], expected).manifest?.signers)].sort();
}

function groupBySigners(shards: readonly ReleasedShard[]): SignedShards[] {
  const groups = new Map<string, ReleasedShard[]>();
  for (const shard of shards) {
    const key = JSON.stringify(shard.signers);
    groups.set(key, [...(groups.get(key) ?? []), shard]);
  }
  return [...groups.values()].map((own) => ({
    signers: own[0]?.signers ?? [],
    shards: own,
    rows: own.reduce((sum, { rows }) => sum + rows, 0),
  }));
}

/** @throws BadInput PROMOTION_REFUSED where it is none */
function keptRows(groups: readonly SignedRows[], share: number, uncapped: number): number[] {
  const kept = capShares(groups, share, uncapped);
  if (kept.every((rows) => rows === 0)) {
    const detail =
      groups.length === 0
        ? 'no released shard is there to learn from'
        : `no signer may stand behind more than ${share} of its rows, which leaves none`;
    throw new BadInput('PROMOTION_REFUSED', {
      detail,
      remedy: 'Name more batches, rows that are trusted with --with, or raise signerShare in the policy.',
    });
  }
  return kept;
}

async function writeKept(
  store: ObjectStore,
  { policy }: Dataset,
  { shards, rows }: SignedShards,
  kept: number,
  folder: string,
): Promise<void> {
  const isLeftOut = leaveOut(rows, kept, shards.map(({ sha256 }) => sha256).join());
  let from = 0;
  for (const shard of shards) {
    const withhold = isLeftOut.subarray(from, from + shard.rows);
    from += shard.rows;
    if (!withhold.includes(0)) continue;
    const { ending, content } = encodeKept(await readAgain(store, shard, policy.limits), withhold);
    await writeBelow(folder, `${shard.batch}/${shard.path}.${ending}`, content);
  }
}

/** Returns how many rows they are. */
async function copyTrusted(store: ObjectStore, path: string, folder: string): Promise<number> {
  let rows = 0;
  for (const shard of await locateShards(store, [path])) {
    const pinned = await pinShard(store, shard);
    rows += (await parseShard(pinned)).numRows;
    await writeBelow(folder, shard.path, pinned.content);
  }
  return rows;
}

async function writeBelow(folder: string, path: string, content: Uint8Array): Promise<void> {
  const file = join(folder, path);
  await orWriteFailed(file, async () => {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  });
}
