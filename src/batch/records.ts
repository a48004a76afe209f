import { BadInput } from '../errors.js';
import {
  type BatchRecord,
  type JudgedRecord,
  type RecalledRecord,
  type RescanRecord,
  schemaProblem,
} from '../schema/index.js';
import type { ObjectStore } from '../store/index.js';
import { batchFolder, numbered } from './names.js';
import { readRecord, recordBytes } from './record-text.js';

/**
 * What has happened to a batch, first to last. Each record is an object whose number nobody else can take, so whoever adds
 * one has seen all before it.
 * @throws BadInput RECORD_DAMAGED; Transient READ_FAILED
 */
export async function readRecords(store: ObjectStore, vault: string, batch: string): Promise<BatchRecord[]> {
  const records: BatchRecord[] = [];
  for (;;) {
    const path = recordPath(batch, records.length + 1);
    const record = await readRecord<BatchRecord>(store, vault, path, 'batch-record');
    if (record === undefined) return records;
    records.push(record);
  }
}

/**
 * Adds a record after so many others; false where somebody has added one since.
 * @throws BadInput USAGE where nobody could read it: all that comes after it would be lost; Transient WRITE_FAILED
 */
export async function addRecord(
  store: ObjectStore,
  vault: string,
  batch: string,
  after: number,
  record: BatchRecord,
): Promise<boolean> {
  const problem = schemaProblem('batch-record', record);
  if (problem !== undefined)
    throw new BadInput('USAGE', { detail: `the record of it would be unreadable: ${problem}` });
  return store.create(vault, recordPath(batch, after + 1), recordBytes(record));
}

/** The judgement that holds: the last one. */
export function currentJudgement(records: readonly BatchRecord[]): JudgedRecord | undefined {
  return records.findLast((record): record is JudgedRecord => record.kind === 'judged');
}

/** The plan that the batch is to be judged by again and has not been yet. */
export function pendingPlan(records: readonly BatchRecord[]): string | undefined {
  return pendingRescan(records)?.record.plan;
}

export interface NumberedRescan {
  readonly record: RescanRecord;
  /** Its place among the records, from 1 on. */
  readonly number: number;
}

/** The wish for that, where it is not fulfilled yet. */
export function pendingRescan(records: readonly BatchRecord[]): NumberedRescan | undefined {
  const record = lastRescan(records);
  if (record === undefined) return undefined;
  const index = records.indexOf(record);
  return lastJudgementBy(records.slice(index), record.plan) === undefined ? { record, number: index + 1 } : undefined;
}

/**
 * The judgement of a plan, which it has once: `judged` is added where there is none, and where a rescan asks for it again
 * the known one, unless shards could not be assessed for that. What a later rescan has made pointless is not added, nor what
 * a changed configuration brings unasked.
 * `requireAsked` is asked of each rescan that it would fulfil, as the records are when it is added, and throws where nobody
 * has asked for that.
 * @throws as readRecords, addRecord and `requireAsked`
 */
export async function recordJudgement(
  store: ObjectStore,
  vault: string,
  batch: string,
  judged: JudgedRecord,
  requireAsked: (rescan: NumberedRescan) => Promise<void>,
): Promise<JudgedRecord> {
  for (;;) {
    const records = await readRecords(store, vault, batch);
    const known = judgementBy(records, judged.plan);
    const asked = lastRescan(records)?.plan ?? currentJudgement(records)?.plan ?? judged.plan;
    const pending = pendingRescan(records);
    if (asked !== judged.plan || (known !== undefined && pending === undefined)) return known ?? judged;
    if (pending !== undefined) await requireAsked(pending);
    if (await addRecord(store, vault, batch, records.length, known ?? judged)) return known ?? judged;
  }
}

/** True when everything that judgements and reviews say is done. That a recall is lifted moves nothing. */
export function isEnforced(records: readonly BatchRecord[]): boolean {
  return records.findLast(({ kind }) => kind !== 'lifted')?.kind === 'settled';
}

export interface NumberedRecall {
  readonly record: RecalledRecord;
  /** Its place among the records, from 1 on. */
  readonly number: number;
}

/** The last recall, unless it was lifted. */
export function standingRecall(records: readonly BatchRecord[]): NumberedRecall | undefined {
  const index = records.findLastIndex(({ kind }) => kind === 'recalled' || kind === 'lifted');
  const record = records[index];
  return record?.kind === 'recalled' ? { record, number: index + 1 } : undefined;
}

/** True when nothing is left to do, no rescan either. */
export function isSettled(records: readonly BatchRecord[]): boolean {
  return isEnforced(records) && pendingPlan(records) === undefined;
}

/** What a plan has said already; undefined where a rescan asks it to try again what could not be assessed. */
export function judgementBy(records: readonly BatchRecord[], plan: string): JudgedRecord | undefined {
  const last = lastJudgementBy(records, plan);
  const isAsked = pendingPlan(records) === plan;
  return last !== undefined && isAsked && !isWhole(last) ? undefined : last;
}

/** True of a judgement for which all shards were assessed, as far as they can be read. */
export function isWhole({ shards }: JudgedRecord): boolean {
  return !shards.some(({ unassessed }) => unassessed);
}

function lastJudgementBy(records: readonly BatchRecord[], plan: string): JudgedRecord | undefined {
  return records.findLast((record): record is JudgedRecord => record.kind === 'judged' && record.plan === plan);
}

function lastRescan(records: readonly BatchRecord[]): RescanRecord | undefined {
  return records.findLast((record): record is RescanRecord => record.kind === 'rescan');
}

function recordPath(batch: string, number: number): string {
  return `${batchFolder(batch)}/records/${numbered(number)}.json`;
}
