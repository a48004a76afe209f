import { batchFolder, currentJudgement, numbered, readRecords, recordBytes } from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import type { HeldShard, Notice } from '../schema/index.js';
import type { ObjectStore } from '../store/index.js';
import { type StandingShard, standings, withdrawn } from './standing.js';

/** What somebody is to be told of a batch: once for each time that it is settled. */
interface DueNotice {
  readonly notice: Notice;
  /** Number of the last record that says that it is settled. */
  readonly settled: number;
}

type Told = Pick<Dataset, 'name' | 'vault' | 'approvals' | 'notify'>;

/**
 * As the batch stands by now; undefined where nobody wants to know, nothing is held, or that was told.
 * @throws BadInput RECORD_DAMAGED; Transient READ_FAILED
 */
export async function dueNotice(store: ObjectStore, dataset: Told, batch: string): Promise<DueNotice | undefined> {
  const { name, vault, approvals, notify } = dataset;
  if (notify === null) return undefined;
  const records = await readRecords(store, vault, batch);
  const settled = records.findLastIndex(({ kind }) => kind === 'settled') + 1;
  const held = standings(records, approvals).flatMap(heldShard);
  const decision = currentJudgement(records)?.decision;
  if (settled === 0 || held.length === 0 || decision === undefined) return undefined;
  if ((await store.find(vault, noticePath(batch, settled))) !== undefined) return undefined;
  return { notice: { dataset: name, batch, decision, held, withdrawn: withdrawn(records, approvals) }, settled };
}

/** Keeps in the vault that it was told: a queue that loses what it holds has nobody told twice, nor not at all. @throws Transient WRITE_FAILED */
export async function keepTold(store: ObjectStore, vault: string, { notice, settled }: DueNotice): Promise<void> {
  await store.create(vault, noticePath(notice.batch, settled), recordBytes(notice));
}

function heldShard({ path, standing }: StandingShard): HeldShard[] {
  return standing === 'released' ? [] : [{ path, standing }];
}

function noticePath(batch: string, settled: number): string {
  return `${batchFolder(batch)}/notices/${numbered(settled)}.json`;
}
