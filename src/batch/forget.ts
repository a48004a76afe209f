import type { JudgedRecord } from '../schema/index.js';
import type { ObjectStore } from '../store/index.js';
import { below } from './names.js';
import { isWhole, readRecords } from './records.js';
import { workFolders } from './results.js';

/**
 * Removes what was assessed and fitted for the judgements of a batch. It has one for each plan, so nobody reads that again;
 * what is there for a plan that has not judged all of its shards yet stays.
 * @throws BadInput RECORD_DAMAGED; Transient READ_FAILED, WRITE_FAILED
 */
export async function forgetWork(store: ObjectStore, vault: string, batch: string): Promise<void> {
  const records = await readRecords(store, vault, batch);
  const judged = records.filter((record): record is JudgedRecord => record.kind === 'judged' && isWhole(record));
  for (const plan of new Set(judged.map((one) => one.plan))) {
    for (const folder of workFolders({ batch, plan })) await store.clear(below(vault, folder));
  }
}
