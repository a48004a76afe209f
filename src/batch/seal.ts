import type { Dataset } from '../config/index.js';
import { BadInput } from '../errors.js';
import type { Seal, SealedShard } from '../schema/index.js';
import { type ObjectStore, type RefusedObject, type StoredObject, sha256Of, stateOf } from '../store/index.js';
import { MANIFEST_NAME } from '../verify/index.js';
import { batchFolder, below } from './names.js';
import { readRecord, recordBytes } from './record-text.js';

type Sealing = Pick<Dataset, 'name' | 'incoming' | 'vault'>;

/** What has arrived in a folder and is in no seal yet, and the name that a batch of it would have. */
export interface Arrival {
  readonly folder: string;
  readonly batch: string;
  /** Batches of the folder that are sealed already. */
  readonly sealed: readonly string[];
  /** In the order of paths. */
  readonly shards: readonly SealedShard[];
  /** Of the whole folder, as ObjectStore.folderStates tells it. */
  readonly state: string;
}

/** The seal of a batch, where it has one. @throws BadInput RECORD_DAMAGED; Transient READ_FAILED */
export function readSeal(store: ObjectStore, vault: string, batch: string): Promise<Seal | undefined> {
  return readRecord<Seal>(store, vault, sealPath(batch), 'seal');
}

/** @throws BadInput PATH_MISSING, RECORD_DAMAGED; Transient READ_FAILED */
export async function findArrival(store: ObjectStore, dataset: Sealing, folder: string): Promise<Arrival> {
  const { incoming, vault } = dataset;
  const root = below(incoming, folder);
  const listed = await store.list(root);
  const refused = await store.refused(root);
  let shards = [...listed.map(toSealedShard), ...refused.map(toRefusedShard)].sort((a, b) =>
    a.path < b.path ? -1 : 1,
  );
  const sealed: string[] = [];
  for (let number = 1; ; number++) {
    const batch = number === 1 ? folder : `${folder}~${number}`;
    const seal = await readSeal(store, vault, batch);
    if (seal === undefined) return { folder, batch, sealed, shards, state: stateOf(listed, refused) };
    // A folder may be called like a later part of another one.
    if (seal.folder !== folder) continue;
    sealed.push(batch);
    const known = new Set(seal.shards.map(identityOf));
    shards = shards.filter((shard) => !known.has(identityOf(shard)));
  }
}

/**
 * Fixes what a batch consists of and returns its name; where others are first, what they left out becomes a batch of its
 * own. Undefined where nothing is left.
 * @throws as findArrival; Transient WRITE_FAILED
 */
export async function sealArrival(store: ObjectStore, dataset: Sealing, arrival: Arrival): Promise<string | undefined> {
  const { folder, batch, sealed, shards } = arrival;
  if (shards.length === 0) return undefined;
  // It speaks of what came with it, not of what comes later.
  const manifest = sealed.length === 0 ? await keepManifest(store, dataset, folder, batch) : null;
  const seal: Seal = { version: 1, dataset: dataset.name, batch, folder, manifest, shards };
  if (await store.create(dataset.vault, sealPath(batch), recordBytes(seal))) return batch;
  return sealArrival(store, dataset, await findArrival(store, dataset, folder));
}

/** What the sender says of a batch, as it was when it was sealed. @throws BadInput RECORD_DAMAGED; Transient READ_FAILED */
export async function readSealedManifest(
  store: ObjectStore,
  vault: string,
  { batch, manifest }: Seal,
): Promise<Uint8Array | undefined> {
  if (manifest === null) return undefined;
  const path = manifestPath(batch, manifest);
  const damaged = (detail: string) => new BadInput('RECORD_DAMAGED', { path: below(vault, path), detail });
  const object = await store.find(vault, path);
  if (object === undefined) throw damaged('it is gone');
  const content = await store.read(object.uri, object.version);
  // Another manifest of the same sender, genuine and older, may vouch for what this one does not.
  if (sha256Of(content) !== manifest) throw damaged('it is not what was sealed');
  return content;
}

/** Names of all sealed batches, in code-unit order. @throws Transient READ_FAILED */
export function sealedBatches(store: ObjectStore, vault: string): Promise<string[]> {
  return store.folders(below(vault, 'batches'));
}

async function keepManifest(
  store: ObjectStore,
  { incoming, vault }: Sealing,
  folder: string,
  batch: string,
): Promise<string | null> {
  const object = await store.find(below(incoming, folder), MANIFEST_NAME);
  if (object === undefined) return null;
  const content = await store.read(object.uri, object.version);
  const sha256 = sha256Of(content);
  await store.create(vault, manifestPath(batch, sha256), content);
  return sha256;
}

function manifestPath(batch: string, sha256: string): string {
  return `${batchFolder(batch)}/manifests/${sha256}.json`;
}

function sealPath(batch: string): string {
  return `${batchFolder(batch)}/seal.json`;
}

function toSealedShard({ path, uri, bytes, version }: StoredObject): SealedShard {
  return { path, uri, bytes, ...(version === undefined ? {} : { version }) };
}

/** Held unread, as in a scan: whoever trains on the folder might follow a link, or wait for a pipe. */
function toRefusedShard({ path, uri, why }: RefusedObject): SealedShard {
  return { path, uri, bytes: 0, refused: why };
}

/** Files have no version: one that was replaced by another of the same size is taken for the same. */
function identityOf({ path, bytes, version = '', refused = '' }: SealedShard): string {
  return JSON.stringify([version, bytes, refused, path]);
}
