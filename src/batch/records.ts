import type { BatchRecord, JudgedRecord } from '../schema/index.js';
import type { ObjectStore } from '../store/index.js';
import { batchFolder } from './names.js';
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

/** Adds a record after so many others; false where somebody has added one since. @throws Transient WRITE_FAILED */
export function addRecord(
  store: ObjectStore,
  vault: string,
  batch: string,
  after: number,
  record: BatchRecord,
): Promise<boolean> {
  return store.create(vault, recordPath(batch, after + 1), recordBytes(record));
}

/** The judgement that holds: the last one. */
export function currentJudgement(records: readonly BatchRecord[]): JudgedRecord | undefined {
  return records.findLast((record): record is JudgedRecord => record.kind === 'judged');
}

/**
 * The judgement of a plan, which it has once: `judged` is added where there is none.
 * @throws as readRecords and addRecord
 */
export async function recordJudgement(
  store: ObjectStore,
  vault: string,
  batch: string,
  judged: JudgedRecord,
): Promise<JudgedRecord> {
  for (;;) {
    const records = await readRecords(store, vault, batch);
    const known = judgementBy(records, judged.plan);
    if (known !== undefined) return known;
    if (await addRecord(store, vault, batch, records.length, judged)) return judged;
  }
}

/** True when everything that the records say is done. */
export function isSettled(records: readonly BatchRecord[]): boolean {
  return records.at(-1)?.kind === 'settled';
}

export function judgementBy(records: readonly BatchRecord[], plan: string): JudgedRecord | undefined {
  return records.find((record): record is JudgedRecord => record.kind === 'judged' && record.plan === plan);
}

function recordPath(batch: string, number: number): string {
  return `${batchFolder(batch)}/records/${String(number).padStart(6, '0')}.json`;
}
