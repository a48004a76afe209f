import { join } from 'node:path';
import { type ShardAssessment, unpackResult, unreadableShard, writeBaseline } from '../src/assess/index.js';
import type { Trust } from '../src/attest/index.js';
import type { OpenBaseline } from '../src/baseline/index.js';
import { below, readSealedManifest, resultPath } from '../src/batch/index.js';
import { Bug, Transient } from '../src/errors.js';
import type { Room } from '../src/intake/index.js';
import { judge } from '../src/pipeline.js';
import type { Assessed } from '../src/queue/index.js';
import { type RowsSink, type ScanOutcome, type WrittenReport, writeReport } from '../src/report/index.js';
import type { Decision, JudgedRecord, Seal, SealedShard } from '../src/schema/index.js';
import { mapAtOnce, type ObjectStore } from '../src/store/index.js';
import { groundsWithoutRows, heldBatch, isFaultOfBatch } from './held-batch.js';
import { hashNow } from './unchanged.js';
import type { Workbench } from './workbench.js';

export interface BatchToDecide {
  readonly store: ObjectStore;
  readonly vault: string;
  readonly bench: Workbench;
  readonly scratch: string;
  /** For the shards that are read again. */
  readonly room: Room;
  readonly seal: Seal;
  readonly assessed: Assessed;
  /** Whose signatures count. */
  readonly trust: Trust | null;
}

export interface JudgedBatch {
  readonly decision: Decision;
  /** Path of each shard that could be read → SHA-256. */
  readonly digests: ReadonlyMap<string, string>;
  readonly rests: JudgedRecord['rests'];
  readonly reportFolder: string;
  /** File of that folder → SHA-256. */
  readonly reports: ReadonlyMap<string, string>;
}

/** As a scan of the same shards would, from their results. */
export async function judgeBatch(batch: BatchToDecide): Promise<JudgedBatch> {
  const { assessed, bench } = batch;
  const { opened } = bench;
  if (opened !== null) return judgeBy(batch, opened);
  const fault = assessed.fitted?.fault;
  if (!fault) throw new Bug(`batch ${batch.seal.batch} was to be judged before anything was fitted`);
  return atFault(batch, fault, []);
}

async function judgeBy(batch: BatchToDecide, opened: OpenBaseline): Promise<JudgedBatch> {
  const reportFolder = join(batch.scratch, 'report');
  const assessments = await gather(batch, opened);
  try {
    const { outcome, digests: reports } = await judgeUnchanged({ ...batch, opened }, assessments, reportFolder);
    const { decision, shards } = outcome;
    return { decision, digests: digestsOf(shards), rests: groundsOf(outcome), reportFolder, reports };
  } catch (error) {
    if (!isFaultOfBatch(error)) throw error;
    return atFault(batch, error.message, assessments);
  }
}

function atFault(
  { scratch, seal, bench, trust }: BatchToDecide,
  why: string,
  assessments: readonly ShardAssessment[],
): JudgedBatch {
  const decision = heldBatch(seal, why, bench);
  const rests = groundsWithoutRows(bench, seal, trust);
  return {
    decision,
    digests: digestsOf(assessments),
    rests,
    reportFolder: join(scratch, 'report'),
    reports: new Map(),
  };
}

type OpenBatch = BatchToDecide & { readonly opened: OpenBaseline };

/** A decision reads some shards again: those that are no longer what was assessed are held, and the others judged without. */
async function judgeUnchanged(
  batch: OpenBatch,
  assessments: readonly ShardAssessment[],
  reportFolder: string,
): Promise<WrittenReport> {
  const judgeThese = (known: typeof assessments) => writeReport(reportFolder, (rows) => judgeRows(batch, known, rows));
  try {
    return await judgeThese(assessments);
  } catch (error) {
    if (!(error instanceof Transient) || error.code !== 'READ_FAILED') throw error;
    const unchanged = await withoutChanged(batch, assessments);
    if (unchanged.every((assessment, number) => assessment === assessments[number])) throw error;
    return judgeThese(unchanged);
  }
}

function withoutChanged(
  { store, seal }: BatchToDecide,
  assessments: readonly ShardAssessment[],
): Promise<ShardAssessment[]> {
  return mapAtOnce(seal.shards, async (shard, number) => {
    const assessment = assessments[number] as ShardAssessment;
    const why = 'it was replaced or taken away while it was judged';
    const isSame = assessment.sha256 === null || (await hashNow(store, shard)) === assessment.sha256;
    return isSame ? assessment : unreadableShard(shard.path, assessment.sha256, why);
  });
}

async function judgeRows(
  { store, vault, bench, scratch, room, seal, trust, opened }: OpenBatch,
  assessments: readonly ShardAssessment[],
  rows: RowsSink,
): Promise<ScanOutcome> {
  const { plan, backend, crew } = bench;
  const { policy } = plan;
  const manifest = await readSealedManifest(store, vault, seal);
  const batch = { name: seal.batch, path: seal.batch, manifest, shards: seal.shards, assessments };
  const origin = { dataset: seal.dataset, ...(trust === null ? {} : { trust }) };
  const request = { policy, ledger: below(vault, 'ledger'), origin, rows };
  const { limits } = policy;
  const resources = { store, crew, backend, scratch, room, processes: 0, limits };
  return crew.host(() => judge(batch, request, resources, opened));
}

/** Brings the results of all shards into the scratch folder. */
async function gather(
  { store, vault, bench, scratch, seal, assessed }: BatchToDecide,
  { baseline }: OpenBaseline,
): Promise<ShardAssessment[]> {
  await writeBaseline(scratch, baseline);
  const judgedBy = { batch: seal.batch, plan: bench.plan.name, fit: assessed.fitted?.fit ?? undefined };
  const byPath = new Map(assessed.done.map((done) => [done.path, done]));
  const bring = async ({ path }: SealedShard, number: number) => {
    const { sha256 = null, unread = null } = byPath.get(path) ?? {};
    if (sha256 === null) {
      const why = unread ?? `it could not be assessed: ${assessed.failureOf(path) ?? 'nobody knows why'}`;
      return unreadableShard(path, null, why);
    }
    return unpackResult(scratch, number, { store, uri: below(vault, resultPath(judgedBy, path, sha256)) });
  };
  return mapAtOnce(seal.shards, bring);
}

function groundsOf({ policy, baseline, contract, provenance, ledger }: ScanOutcome): JudgedRecord['rests'] {
  return {
    policy: policy.sha256,
    baseline: baseline.sha256,
    contract: contract?.sha256 ?? null,
    manifest: provenance?.manifest ?? null,
    trust: provenance?.trust ?? null,
    artefact: baseline.artefact,
    ledger: ledger?.sha256 ?? null,
  };
}

function digestsOf(shards: readonly { readonly path: string; readonly sha256: string | null }[]) {
  return new Map(shards.flatMap(({ path, sha256 }) => (sha256 === null ? [] : [[path, sha256] as const])));
}
