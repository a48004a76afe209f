import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Trust } from '../src/attest/index.js';
import {
  batchFolder,
  judgementBy,
  type NumberedRescan,
  type OpenPlan,
  pendingRescan,
  readRecords,
  readSeal,
  recordBytes,
  recordJudgement,
  requirePlannedBaseline,
} from '../src/batch/index.js';
import { type Dataset, datasetOf } from '../src/config/index.js';
import { auditDecision, isAudited, sealNow } from '../src/enforce/index.js';
import { Bug, Transient } from '../src/errors.js';
import { verdictName } from '../src/gate/index.js';
import type { Assessed, BatchJob } from '../src/queue/index.js';
import type { BatchRecord, JudgedRecord, RescanRecord, Seal } from '../src/schema/index.js';
import { fileStore, type ObjectStore, sha256Of, withScratch } from '../src/store/index.js';
import { type JudgedBatch, judgeBatch } from './judge-batch.js';
import type { Surroundings } from './surroundings.js';

/** Decides on a batch once for each plan: of several at the same time the first one's decision holds. */
export async function decideJob(around: Surroundings, job: BatchJob, assessed: Assessed): Promise<void> {
  const { store, config, benches, spool: room } = around;
  const dataset = datasetOf(config, job.dataset);
  const { vault, trust } = dataset;
  const sealed = await readSeal(store, vault, job.batch);
  if (sealed === undefined) throw new Bug(`batch ${job.batch} is not sealed`);
  const records = await readRecords(store, vault, job.batch);
  const asked = await requireAsked(store, dataset, job, records);
  const record = (judged: JudgedRecord) =>
    // A decision takes long: what asks for it then is looked at once more.
    recordJudgement(store, vault, job.batch, judged, (pending) => requireAudited(store, dataset, job.batch, pending));
  const known = judgementBy(records, job.plan);
  if (known !== undefined) {
    if (asked !== undefined)
      await auditDecision(store, dataset, job.batch, known, { report: null, seal: sealed, asked });
    await record(known);
    return;
  }
  const seal = await sealNow(store, dataset, sealed, records);
  await benches.use(vault, { ...job, fit: assessed.fitted?.fit ?? undefined }, (bench) =>
    withScratch(tmpdir(), async (scratch) => {
      requireTrust(bench.plan, trust);
      requireSignedRules(bench.plan, dataset);
      await requirePlannedBaseline(store, dataset, job.plan, bench.opened?.artefact ?? null);
      const judged = await judgeBatch({ store, vault, bench, scratch, room, seal, assessed, trust });
      const saved = await saveDecision(around, vault, job, { seal, assessed, judged });
      // Before it holds: a repeated job may write it down twice, but no decision goes without.
      await auditDecision(store, dataset, job.batch, saved.record, { report: saved.report, seal: sealed, asked });
      await record(saved.record);
    }),
  );
}

/**
 * The rescan that the job is to fulfil: to go back to a former plan takes no more than a record, which has to be in the log.
 * @throws BadInput AUDIT_BROKEN; Transient RESCAN_UNASKED, READ_FAILED
 */
async function requireAsked(
  store: ObjectStore,
  dataset: Dataset,
  { batch, plan }: BatchJob,
  records: readonly BatchRecord[],
): Promise<RescanRecord | undefined> {
  const pending = pendingRescan(records);
  if (pending?.record.plan !== plan) return undefined;
  await requireAudited(store, dataset, batch, pending);
  return pending.record;
}

/** @throws as requireAsked */
async function requireAudited(
  store: ObjectStore,
  dataset: Dataset,
  batch: string,
  pending: NumberedRescan,
): Promise<void> {
  if (await isAudited(store, dataset, batch, pending)) return;
  throw new Transient('RESCAN_UNASKED', { batch, number: pending.number });
}

/** Keys are not in the vault, where whoever may write to it could add one. @throws Transient PLAN_OF_OTHER_TRUST */
function requireTrust({ name, trust: planned }: OpenPlan, trust: Trust | null): void {
  if (planned !== (trust?.sha256 ?? null)) throw new Transient('PLAN_OF_OTHER_TRUST', { plan: name });
}

/** Signatures of policy and contract are with the files, not with the plan. @throws Transient PLAN_OF_OTHER_RULES */
function requireSignedRules(planned: OpenPlan, { trust, ...dataset }: Pick<Dataset, 'trust' | 'policy' | 'contract'>) {
  for (const kind of ['policy', 'contract'] as const) {
    if (trust?.requireApproval[kind] === undefined) continue;
    const signed: unknown = JSON.parse(JSON.stringify(dataset[kind]));
    if (!isDeepStrictEqual(planned[kind], signed)) {
      throw new Transient('PLAN_OF_OTHER_RULES', { plan: planned.name, kind });
    }
  }
}

/** Everything that there is to say of a decision, under its digest. */
async function saveDecision(
  { store }: Surroundings,
  vault: string,
  { batch, plan }: BatchJob,
  { seal, assessed, judged }: { readonly seal: Seal; readonly assessed: Assessed; readonly judged: JudgedBatch },
): Promise<{ readonly record: JudgedRecord; readonly report: string | null }> {
  const { decision, digests, rests, reportFolder, reports } = judged;
  const text = recordBytes(decision);
  const sha256 = sha256Of(text);
  const folder = `${batchFolder(batch)}/decisions/${sha256}`;
  for (const [name, digest] of reports) {
    const content = () => fileStore.stream(join(reportFolder, name));
    await store.createFrom(vault, `${folder}/${name}`, content, digest);
  }
  await store.create(vault, `${folder}/decision.json`, text);
  const released = new Map(decision.shards.map((shard) => [shard.path, shard.released]));
  const unassessed = unassessedIn(seal, assessed);
  const shards = seal.shards.map(({ path }) => ({
    path,
    sha256: digests.get(path) ?? null,
    ...(unassessed.has(path) && { unassessed: true as const }),
    // Where released shards go this name is the verdict's.
    released: path !== verdictName(1) && released.get(path) === true,
  }));
  const marks = reports.get('rows.arrow');
  const signed = marks === undefined ? {} : { marks };
  const record = { kind: 'judged', plan, decision: sha256, ...signed, mode: decision.mode, rests, shards } as const;
  return { record, report: reports.get('report.json') ?? null };
}

/** Of a shard that cannot be read that is known; of these nothing is. */
function unassessedIn({ shards }: Seal, { done, fitted }: Assessed): ReadonlySet<string> {
  if (fitted?.fault) return new Set(fitted.unread);
  const known = new Set(done.map(({ path }) => path));
  return new Set(shards.flatMap(({ path }) => (known.has(path) ? [] : [path])));
}
