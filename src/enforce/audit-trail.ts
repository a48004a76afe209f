import { type AuditedAct, appendEntry, readEntry } from '../audit/index.js';
import { below, type NumberedRescan, recordBytes } from '../batch/index.js';
import type { Dataset } from '../config/index.js';
import { batchDigest } from '../gate/index.js';
import type {
  JudgedRecord,
  LiftedRecord,
  PauseRecord,
  RecalledRecord,
  RescanRecord,
  ReviewedRecord,
  Seal,
  SettledRecord,
} from '../schema/index.js';
import { type ObjectStore, sha256Of } from '../store/index.js';

type Place = Pick<Dataset, 'name' | 'vault'>;

/** What a decision was made of, and what it has left. */
interface Decided {
  /** SHA-256 of its report.json; null without. */
  readonly report: string | null;
  /** What the batch consists of. */
  readonly seal: Seal | null;
  /** The rescan that had asked for it. */
  readonly asked?: RescanRecord | undefined;
}

/**
 * Writes into the dataset's audit log that a batch was decided on, with the digests of what that rests on.
 * @throws BadInput AUDIT_REFUSED; Transient READ_FAILED, WRITE_FAILED
 */
export async function auditDecision(
  store: ObjectStore,
  place: Place,
  batch: string,
  judged: JudgedRecord,
  { report, seal, asked }: Decided,
): Promise<void> {
  const { plan, decision, mode, shards, rests, marks = null } = judged;
  const released = shards.filter((shard) => shard.released).length;
  const { policy, baseline, artefact = null } = rests;
  const facts = {
    ...{ decision, mode, shards: shards.length, released, plan, policy, baseline, artefact },
    // What is not signed itself is held against these by `taster audit verify`.
    ...{ record: sha256Of(recordBytes(judged)), marks, report },
    ...{ seal: seal && sha256Of(recordBytes(seal)), rescan: asked === undefined ? null : sha256Of(recordBytes(asked)) },
  };
  await append(store, place, { event: 'decision', ...about(place, batch, judged), by: null, facts });
}

/** The same of what a person said of some of its shards. */
export async function auditReview(
  store: ObjectStore,
  place: Place,
  batch: string,
  { judged, review }: { readonly judged: JudgedRecord; readonly review: Omit<ReviewedRecord, 'kind'> },
): Promise<void> {
  const { reviewer, action, shards, decision, reason } = review;
  const record = sha256Of(recordBytes({ kind: 'reviewed', ...review }));
  const facts = { action, shards: shards.length, decision, reason, record };
  await append(store, place, { event: 'review', ...about(place, batch, judged), by: reviewer, facts });
}

/** The same of a wish to have it judged again, the record of that number; returns the record. */
export async function auditRescan(
  store: ObjectStore,
  place: Place,
  batch: string,
  { judged, plan, number }: { readonly judged: JudgedRecord; readonly plan: string; readonly number: number },
): Promise<RescanRecord> {
  const asked = { kind: 'rescan', plan, at: new Date().toISOString() } as const;
  const facts = { plan, number, record: sha256Of(recordBytes(asked)) };
  const entry = await append(store, place, { event: 'rescan', ...about(place, batch, judged), by: null, facts });
  return { ...asked, entry };
}

/** The same of its recall; returns the record. */
export async function auditRecall(
  store: ObjectStore,
  place: Place,
  batch: string,
  {
    judged,
    number,
    recall,
  }: {
    readonly judged: JudgedRecord;
    readonly number: number;
    readonly recall: Omit<RecalledRecord, 'kind' | 'entry'>;
  },
): Promise<RecalledRecord> {
  const asked = { kind: 'recalled', ...recall } as const;
  const { decision, released, reason, by } = recall;
  const record = sha256Of(recordBytes(asked));
  const facts = { decision, released: released.length, reason, number, record };
  const entry = await append(store, place, { event: 'recall', ...about(place, batch, judged), by, facts });
  return { ...asked, entry };
}

/** The same of the end of a recall that was made in error; returns the record. */
export async function auditLift(
  store: ObjectStore,
  place: Place,
  batch: string,
  {
    judged,
    number,
    lift,
  }: { readonly judged: JudgedRecord; readonly number: number; readonly lift: Omit<LiftedRecord, 'kind' | 'entry'> },
): Promise<LiftedRecord> {
  const asked = { kind: 'lifted', ...lift } as const;
  const { recall, reason, by } = lift;
  const record = sha256Of(recordBytes(asked));
  const facts = { recall, reason, number, record };
  const entry = await append(store, place, { event: 'lift', ...about(place, batch, judged), by, facts });
  return { ...asked, entry };
}

/** The same of all that its records up to that number say having been done. */
export async function auditSettled(
  store: ObjectStore,
  place: Place,
  batch: string,
  {
    judged,
    number,
    settled,
  }: { readonly judged: JudgedRecord; readonly number: number; readonly settled: SettledRecord },
): Promise<void> {
  const { verdict, changed } = settled;
  const facts = { verdict, changed: changed.length, number, record: sha256Of(recordBytes(settled)) };
  await append(store, place, { event: 'settled', ...about(place, batch, judged), by: null, facts });
}

/** True where the audit log says that a rescan was asked for, at that place among the records. @throws BadInput AUDIT_BROKEN; Transient READ_FAILED */
export async function isAudited(
  store: ObjectStore,
  { vault }: Pick<Place, 'vault'>,
  batch: string,
  { record, number }: NumberedRescan,
): Promise<boolean> {
  const { entry, ...asked } = record;
  const said = entry === undefined ? undefined : await readEntry(store, below(vault, 'audit'), entry);
  if (said?.event !== 'rescan' || said.batch?.name !== batch) return false;
  return said.facts['number'] === number && said.facts['record'] === sha256Of(recordBytes(asked));
}

/** The same of somebody who has paused or resumed the dataset, by the record of that number. */
export async function auditPause(store: ObjectStore, place: Place, pause: PauseRecord, number: number): Promise<void> {
  const { kind, why, by } = pause;
  const event = kind === 'paused' ? 'pause' : 'resume';
  const facts = { ...(why === null ? {} : { why }), number, record: sha256Of(recordBytes(pause)) };
  await append(store, place, { event, dataset: place.name, batch: null, by, facts });
}

/** The same of a step on the way of a new baseline into use. */
export async function auditPromotion(
  store: ObjectStore,
  place: Place,
  by: string | null,
  facts: AuditedAct['facts'],
): Promise<void> {
  await append(store, place, { event: 'promotion', dataset: place.name, batch: null, by, facts });
}

function about({ name }: Place, batch: string, { shards }: JudgedRecord): Pick<AuditedAct, 'dataset' | 'batch'> {
  const listed = shards.map(({ path, sha256, released }) => ({
    ...{ name: path, released },
    digest: sha256 === null ? null : { sha256 },
  }));
  return { dataset: name, batch: { name: batch, sha256: batchDigest(listed) } };
}

async function append(store: ObjectStore, { vault }: Place, act: AuditedAct): Promise<number> {
  return appendEntry(store, below(vault, 'audit'), act);
}
