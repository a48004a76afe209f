import type { SigningKey } from '../attest/index.js';
import { entriesOf } from '../audit/index.js';
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
import type { BatchRecord, LiftedRecord, RecalledRecord } from '../schema/index.js';
import type { ObjectStore } from '../store/index.js';
import { auditLift, auditRecall } from './audit-trail.js';
import { enforce } from './enforce.js';
import { isData, standings } from './standing.js';
import { type RecalledFile, takeBack } from './take-back.js';
import { isOverruled, lastVerdict } from './verdicts.js';

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
 * Takes a batch back: says so in the audit log and among its records, supersedes its verdict, copies what was released into
 * quarantine and removes it from where training reads; in place, tags it. What of it was done before stays as it is.
 * @throws BadInput BATCH_UNKNOWN, AUDIT_REFUSED, RECORD_DAMAGED; Transient TARGET_TAKEN, READ_FAILED, WRITE_FAILED
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
 * @throws BadInput AUDIT_BROKEN, AUDIT_REFUSED, RECORD_DAMAGED, RECALL_UNFINISHED; Transient READ_FAILED, WRITE_FAILED
 */
export async function liftRecall(
  store: ObjectStore,
  dataset: Pick<Dataset, 'name' | 'released' | 'vault' | 'approvals'>,
  batch: string,
  lift: Lift,
): Promise<LiftedRecall | undefined> {
  for (;;) {
    const records = await readRecords(store, dataset.vault, batch);
    const judged = currentJudgement(records);
    const recall = standingRecall(records);
    if (judged === undefined) return undefined;
    if (recall === undefined) return nothingToLift(store, dataset, batch);
    await requireCarriedOut(store, dataset, batch, records, recall);
    const number = records.length + 1;
    const said = { recall: recall.number, ...lift, at: new Date().toISOString() };
    const record = await auditLift(store, dataset, batch, { judged, number, lift: said });
    if (await addRecord(store, dataset.vault, batch, records.length, record)) return { batch, record: number, recall };
  }
}

/** A recall is said in the log first: one without a record was cut off, or somebody has erased that. */
async function nothingToLift(store: ObjectStore, { vault }: Pick<Dataset, 'vault'>, batch: string): Promise<undefined> {
  const entries = await entriesOf(store, below(vault, 'audit'));
  const said = entries.findLast((one) => one.batch?.name === batch && (one.event === 'recall' || one.event === 'lift'));
  if (said?.event === 'recall') throw new BadInput('RECALL_UNFINISHED', { batch });
}

/** A recall that is lifted has nobody supersede the verdict that released what it was to take back. */
async function requireCarriedOut(
  store: ObjectStore,
  { released, approvals }: Pick<Dataset, 'released' | 'approvals'>,
  batch: string,
  records: readonly BatchRecord[],
  recall: NumberedRecall,
): Promise<void> {
  const isSettled = records.slice(recall.number).some(({ kind }) => kind === 'settled');
  if (isSettled && !isOverruled(await lastVerdict(store, released, batch), standings(records, approvals))) return;
  throw new BadInput('RECALL_UNFINISHED', { batch });
}
