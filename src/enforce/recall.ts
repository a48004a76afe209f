import type { SigningKey } from '../attest/index.js';
import {
  addRecord,
  batchFolder,
  below,
  currentJudgement,
  type NumberedRecall,
  readRecords,
  readSeal,
  standingRecall,
} from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import { BadInput } from '../errors.js';
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
import type { LiftedRecord, RecalledRecord } from '../schema/index.js';
import type { ObjectStore } from '../store/index.js';
import { auditLift, auditRecall } from './audit-trail.js';
import { enforce } from './enforce.js';
import { isData, standings } from './standing.js';
import { type RecalledFile, takeBack } from './take-back.js';

/** Why a batch is taken back, and who says so. */
export type Recall = Pick<RecalledRecord, 'reason' | 'by'>;

/** Why a recall is lifted, and who says so. */
export type Lift = Pick<LiftedRecord, 'reason' | 'by'>;

/** What became of a recalled batch. */
export interface RecalledFiles {
  readonly batch: string;
  /** Number of the record of the recall. */
  readonly record: number;
  readonly files: readonly RecalledFile[];
  /** The decision that holds, which may be one of after the recall. */
  readonly decision: string;
}

/**
 * The verdicts beside the released batches of a dataset that match, with all others of the same batches. Their reports are
 * those of the decisions in the vault; a batch that the vault does not know was released by nobody.
 * @throws BadInput VERDICT_UNUSABLE; Transient READ_FAILED
 */
export async function findReleased(
  store: ObjectStore,
  { name, released, vault }: Pick<Dataset, 'name' | 'released' | 'vault'>,
  query: VerdictQuery,
): Promise<FoundVerdicts> {
  const folderOf = new Map<string, string>();
  const [known, unknown]: [VerdictPlace[], VerdictPlace[]] = [[], []];
  for (const batch of await store.folders(released)) {
    const verdicts = await verdictsIn(store, released, `${batch}/`);
    for (const { uri } of verdicts) folderOf.set(uri, batch);
    const reportIn = ({ decision }: FoundVerdict) => reportOf(store, vault, batch, decision);
    const place = { verdicts, isOfService: true, reportOf: reportIn };
    ((await isKnown(store, vault, batch)) ? known : unknown).push(place);
  }
  const { matching, others, unclear } = await findVerdicts(store, known, query);
  // What lies in another's folder speaks of nothing here.
  const isOwn = ({ dataset, batch, path }: FoundVerdict) => dataset === name && folderOf.get(path) === batch;
  const meant = new Set(matching.filter(isOwn).map(({ batch }) => batch));
  const all = [...matching, ...others].filter(isOwn).sort((a, b) => (a.verified < b.verified ? -1 : 1));
  return {
    matching: all.filter(({ batch }) => meant.has(batch)),
    others: all.filter(({ batch }) => !meant.has(batch)),
    unclear: [...unclear, ...(await strangers(store, unknown, query))],
  };
}

/** Also where its records are damaged. */
async function isKnown(store: ObjectStore, vault: string, batch: string): Promise<boolean> {
  return (await readRecords(store, vault, batch).catch(nullWhereDamaged))?.length !== 0;
}

/** Verdicts on batches that nobody has judged here: forged, or the records were taken away. */
async function strangers(
  store: ObjectStore,
  places: readonly VerdictPlace[],
  query: VerdictQuery,
): Promise<UnclearVerdict[]> {
  const { matching, unclear } = await findVerdicts(store, places, query);
  return [...matching, ...unclear].map(({ path }) => ({
    path,
    why: 'the vault does not know its batch',
    remedy: 'find out who wrote it; to have gates refuse it, name its folder without --config',
  }));
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
  const record = await recordRecall(store, dataset, batch, recall);
  if ((await readSeal(store, dataset.vault, batch)) === undefined) {
    const path = below(dataset.vault, batchFolder(batch));
    throw new BadInput('RECORD_DAMAGED', { path, detail: 'what says which shards it has is gone' });
  }
  // Originals are for workers to remove.
  const { decision } = await enforce(store, { ...dataset, keepOriginals: true }, batch, key);
  return { batch, record, decision, files: await takeBack(store, dataset, batch, key) };
}

/** The number of its record. */
async function recordRecall(store: ObjectStore, dataset: Dataset, batch: string, recall: Recall): Promise<number> {
  for (;;) {
    const records = await readRecords(store, dataset.vault, batch);
    const judged = currentJudgement(records);
    if (judged === undefined) throw new BadInput('BATCH_UNKNOWN', { batch });
    const shards = standings(records, dataset.approvals);
    const standing = standingRecall(records);
    const isAll = shards.every((shard) => shard.isRecalled && shard.standing !== 'held');
    if (standing !== undefined && isAll) return standing.number;
    const released = shards.filter(isData).map(({ path }) => path);
    const said = { decision: judged.decision, released, ...recall, at: new Date().toISOString() };
    const number = records.length + 1;
    const record = await auditRecall(store, dataset, batch, { judged, number, recall: said });
    if (await addRecord(store, dataset.vault, batch, records.length, record)) return number;
  }
}

/** A recall that was lifted. */
export interface LiftedRecall {
  readonly batch: string;
  /** Number of the record that says so. */
  readonly record: number;
  readonly recall: NumberedRecall;
}

/**
 * Says in the audit log and among the records of a batch that its recall was made in error. Nothing is released by that, nor
 * by a later judgement: its shards wait for a review. Undefined where no recall of it stands.
 * @throws BadInput AUDIT_BROKEN, RECORD_DAMAGED; Transient READ_FAILED, WRITE_FAILED
 */
export async function liftRecall(
  store: ObjectStore,
  dataset: Pick<Dataset, 'name' | 'vault'>,
  batch: string,
  lift: Lift,
): Promise<LiftedRecall | undefined> {
  for (;;) {
    const records = await readRecords(store, dataset.vault, batch);
    const judged = currentJudgement(records);
    const recall = standingRecall(records);
    if (judged === undefined || recall === undefined) return undefined;
    const number = records.length + 1;
    const said = { recall: recall.number, ...lift, at: new Date().toISOString() };
    const record = await auditLift(store, dataset, batch, { judged, number, lift: said });
    if (await addRecord(store, dataset.vault, batch, records.length, record)) return { batch, record: number, recall };
  }
}
