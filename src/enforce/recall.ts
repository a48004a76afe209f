import type { SigningKey } from '../attest/index.js';
import { addRecord, batchFolder, below, currentJudgement, readRecords, readSeal } from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import { BadInput, Bug } from '../errors.js';
import {
  type FoundVerdict,
  type FoundVerdicts,
  findVerdicts,
  meansBatch,
  type UnclearVerdict,
  type VerdictPlace,
  type VerdictQuery,
  verdictsIn,
} from '../gate/index.js';
import type { RecalledRecord, Seal } from '../schema/index.js';
import { mapAtOnce, type ObjectStore, type StoredObject, sha256OfAll } from '../store/index.js';
import { auditRecall } from './audit-trail.js';
import { cleanedNames } from './clean.js';
import { enforce } from './enforce.js';
import { place } from './place.js';
import { sealedShard } from './sealed-shard.js';
import { isData, type StandingShard, standings, withdrawn } from './standing.js';

/** Why a batch is taken back, and who says so. */
export type Recall = Pick<RecalledRecord, 'reason' | 'by'>;

/** A file of a recalled batch, and where it lies now. */
export interface RecalledFile {
  readonly path: string;
  readonly sha256: string | null;
  readonly uri: string | null;
  /**
   * `quarantined`: its bytes are in quarantine and no longer among the released; `tagged`: it stays where it arrived, tagged
   * as quarantined; `left`: what lies there is not what was judged, so it was not touched.
   */
  readonly state: 'quarantined' | 'tagged' | 'left';
}

/** What became of a recalled batch. */
export interface RecalledFiles {
  readonly batch: string;
  readonly files: readonly RecalledFile[];
  /** The decision that holds, which may be one of after the recall. */
  readonly decision: string;
}

/**
 * The verdicts beside the released batches of a dataset that match, with all others of the same batches. Their reports are
 * those of the decisions in the vault.
 * @throws BadInput VERDICT_UNUSABLE; Transient READ_FAILED
 */
export async function findReleased(
  store: ObjectStore,
  { name, released, vault }: Pick<Dataset, 'name' | 'released' | 'vault'>,
  query: VerdictQuery,
): Promise<FoundVerdicts> {
  const folderOf = new Map<string, string>();
  const places: VerdictPlace[] = [];
  for (const batch of await store.folders(released)) {
    for (const verdict of await verdictsIn(store, released, `${batch}/`)) {
      folderOf.set(verdict.uri, batch);
      places.push({ verdict, isOfService: true, reportOf: ({ decision }) => reportOf(store, vault, batch, decision) });
    }
  }
  const { matching, others, unclear } = await findVerdicts(store, places, query);
  // What lies in another's folder speaks of nothing here.
  const isOwn = ({ dataset, batch, path }: FoundVerdict) => dataset === name && folderOf.get(path) === batch;
  const meant = new Set(matching.filter(isOwn).map(({ batch }) => batch));
  const all = [...matching, ...others].filter(isOwn).sort((a, b) => (a.verified < b.verified ? -1 : 1));
  return {
    matching: all.filter(({ batch }) => meant.has(batch)),
    others: all.filter(({ batch }) => !meant.has(batch)),
    unclear,
  };
}

interface Underway extends Pick<FoundVerdicts, 'unclear'> {
  readonly batches: readonly string[];
}

/**
 * Batches that match and are judged to be released, at least in part, of which no verdict tells yet: they are being placed, or
 * wait for a worker. One whose records cannot be read keeps no other from being found.
 * @throws Transient READ_FAILED
 */
export async function findUnderway(
  store: ObjectStore,
  { name: dataset, released, vault, approvals }: Pick<Dataset, 'name' | 'released' | 'vault' | 'approvals'>,
  query: VerdictQuery,
): Promise<Underway> {
  const batches: string[] = [];
  const unclear: UnclearVerdict[] = [];
  for (const batch of await store.folders(below(vault, 'batches'))) {
    if ((await verdictsIn(store, released, `${batch}/`)).length > 0) continue;
    const records = await readRecords(store, vault, batch).catch(nullWhereDamaged);
    if (records === null) {
      unclear.push({ path: below(vault, batchFolder(batch)), why: 'its records cannot be read' });
      continue;
    }
    const decision = currentJudgement(records)?.decision;
    if (decision === undefined || !standings(records, approvals).some(isData)) continue;
    const judged = { dataset, batch, decision, verified: new Date().toISOString() };
    // Of what nobody can say whether it is meant too much is taken back rather than too little.
    const isMeant = await meansBatch(store, judged, () => reportOf(store, vault, batch, decision), query);
    if (isMeant !== false) batches.push(batch);
  }
  return { batches, unclear };
}

function nullWhereDamaged(error: unknown): null {
  if (error instanceof BadInput) return null;
  throw error;
}

function reportOf(store: ObjectStore, vault: string, batch: string, decision: string) {
  return store.find(below(vault, batchFolder(batch), 'decisions', decision), 'report.json');
}

/**
 * Takes a batch back: says so in the audit log and among its records, supersedes its verdict, copies what was released into
 * quarantine and removes it from where training reads; in place, tags it. What of it was done before stays as it is.
 * @throws BadInput BATCH_UNKNOWN, AUDIT_BROKEN, RECORD_DAMAGED; Transient TARGET_TAKEN, READ_FAILED, WRITE_FAILED
 */
export async function recallBatch(
  store: ObjectStore,
  dataset: Dataset,
  batch: string,
  recall: Recall,
  key: SigningKey,
): Promise<RecalledFiles> {
  await recordRecall(store, dataset, batch, recall);
  // Originals are for workers to remove.
  const { decision } = await enforce(store, { ...dataset, keepOriginals: true }, batch, key);
  return { batch, decision, files: await takeBack(store, dataset, batch) };
}

async function recordRecall(store: ObjectStore, dataset: Dataset, batch: string, recall: Recall): Promise<void> {
  for (;;) {
    const records = await readRecords(store, dataset.vault, batch);
    const judged = currentJudgement(records);
    if (judged === undefined) throw new BadInput('BATCH_UNKNOWN', { batch });
    const shards = standings(records, dataset.approvals);
    if (shards.every(({ isRecalled, standing }) => isRecalled && standing !== 'held')) return;
    const released = shards.filter(isData).map(({ path }) => path);
    const said = { decision: judged.decision, released, ...recall, at: new Date().toISOString() };
    const record = await auditRecall(store, dataset, batch, { judged, number: records.length + 1, recall: said });
    if (await addRecord(store, dataset.vault, batch, records.length, record)) return;
  }
}

/** Removes recalled shards from where training reads, each once its bytes are in quarantine. */
async function takeBack(store: ObjectStore, dataset: Dataset, batch: string): Promise<RecalledFile[]> {
  const seal = await readSeal(store, dataset.vault, batch);
  if (seal === undefined) throw new Bug(`batch ${batch} is not sealed`);
  const records = await readRecords(store, dataset.vault, batch);
  // Also what a later judgement had withdrawn before: its copy still lies there.
  const was = new Set(withdrawn(records, dataset.approvals));
  const recalled = standings(records, dataset.approvals).filter(({ isRecalled, path }) => isRecalled && was.has(path));
  const takeOne = dataset.placement === 'in-place' ? tagged : takenFrom;
  const files = await mapAtOnce(recalled, async (shard) => [
    await takeOne(store, dataset, seal, shard),
    ...(await takeCleaned(store, dataset, `${batch}/${shard.path}`)),
  ]);
  return files.flat();
}

type Taking = (store: ObjectStore, dataset: Dataset, seal: Seal, shard: StandingShard) => Promise<RecalledFile>;

/** Enforcing has tagged it. */
const tagged: Taking = (_, __, seal, { path, sha256, standing }) =>
  Promise.resolve({
    ...{ path, sha256, uri: sealedShard(seal, path).uri },
    state: standing === 'changed' ? 'left' : 'tagged',
  });

const takenFrom: Taking = async (store, { released, quarantine }, { batch }, { path, sha256 }) => {
  const target = `${batch}/${path}`;
  const [kept, copy] = [await store.find(quarantine, target), await store.find(released, target)];
  if (kept === undefined || (await digestOf(store, kept)) !== sha256) {
    return { path, sha256, uri: copy?.uri ?? null, state: 'left' };
  }
  if (copy === undefined) return { path, sha256, uri: kept.uri, state: 'quarantined' };
  // Other bytes, which no verdict has released, may be evidence of their own.
  if ((await digestOf(store, copy)) !== sha256) return { path, sha256, uri: copy.uri, state: 'left' };
  await store.remove(copy.uri, copy.version);
  return { path, sha256, uri: kept.uri, state: 'quarantined' };
};

/** What was released of a shard without some of its rows. */
async function takeCleaned(
  store: ObjectStore,
  { released, quarantine }: Pick<Dataset, 'released' | 'quarantine'>,
  shard: string,
): Promise<RecalledFile[]> {
  const taken: RecalledFile[] = [];
  for (const target of cleanedNames(shard)) {
    const copy = await store.find(released, target);
    if (copy !== undefined) {
      const sha256 = await digestOf(store, copy);
      if (await place(store, copy, quarantine, target, sha256)) await store.remove(copy.uri, copy.version);
    }
    const kept = await store.find(quarantine, target);
    if (kept === undefined) continue;
    const path = target.slice(target.indexOf('/') + 1);
    taken.push({ path, sha256: await digestOf(store, kept), uri: kept.uri, state: 'quarantined' });
  }
  return taken;
}

function digestOf(store: ObjectStore, { uri, version }: StoredObject): Promise<string> {
  return sha256OfAll(store.stream(uri, version));
}
