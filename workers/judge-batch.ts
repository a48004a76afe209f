import { join } from 'node:path';
import { type ShardAssessment, unpackResult, unreadableShard, withCrew, writeBaseline } from '../src/assess/index.js';
import type { Trust } from '../src/attest/index.js';
import { below, readSealedManifest, resultPath } from '../src/batch/index.js';
import { BadInput, type BadInputCode, Transient } from '../src/errors.js';
import { judge, scanShards } from '../src/pipeline.js';
import type { Assessed } from '../src/queue/index.js';
import { type RowsSink, type ScanOutcome, writeReport } from '../src/report/index.js';
import type { Decision, JudgedRecord, Seal, SealedShard } from '../src/schema/index.js';
import { mapAtOnce, type ObjectStore, saysGone, sha256OfAll } from '../src/store/index.js';
import { groundsWithoutRows, heldBatch } from './held-batch.js';
import type { Workbench } from './workbench.js';

export interface BatchToDecide {
  readonly store: ObjectStore;
  readonly vault: string;
  readonly bench: Workbench;
  readonly scratch: string;
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
  readonly reports: readonly string[];
}

const REPORTS = ['rows.arrow', 'report.html', 'report.json'] as const;
/** What makes a whole batch impossible to judge: its fault, so all of it is held. */
const FAULTS_OF_BATCH: readonly BadInputCode[] = [
  'NO_READABLE_SHARD',
  'COLUMN_MISSING',
  'BATCH_UNUSABLE',
  'LABEL_AMBIGUOUS',
];

/** As a scan of the same shards would: from their results where there is a baseline, else from themselves. */
export async function judgeBatch(batch: BatchToDecide): Promise<JudgedBatch> {
  const { seal, scratch } = batch;
  const reportFolder = join(scratch, 'report');
  const assessments = batch.bench.trusted === null ? null : await gather(batch);
  try {
    const outcome = await judgeUnchanged(batch, assessments, reportFolder);
    const { decision, shards } = outcome;
    return { decision, digests: digestsOf(shards), rests: groundsOf(outcome), reportFolder, reports: REPORTS };
  } catch (error) {
    if (!(error instanceof BadInput) || !FAULTS_OF_BATCH.includes(error.code)) throw error;
    const decision = heldBatch(seal, error.message, batch.bench);
    const rests = groundsWithoutRows(batch.bench, seal, batch.trust);
    return { decision, digests: digestsOf(assessments ?? []), rests, reportFolder, reports: [] };
  }
}

/** A decision reads some shards again: those that are no longer what was assessed are held, and the others judged without. */
async function judgeUnchanged(
  batch: BatchToDecide,
  assessments: readonly ShardAssessment[] | null,
  reportFolder: string,
): Promise<ScanOutcome> {
  const judgeBy = (known: typeof assessments) => writeReport(reportFolder, (rows) => judgeRows(batch, known, rows));
  try {
    return await judgeBy(assessments);
  } catch (error) {
    if (assessments === null || !(error instanceof Transient) || error.code !== 'READ_FAILED') throw error;
    const unchanged = await withoutChanged(batch, assessments);
    if (unchanged.every((assessment, number) => assessment === assessments[number])) throw error;
    return judgeBy(unchanged);
  }
}

function withoutChanged(
  { store, seal }: BatchToDecide,
  assessments: readonly ShardAssessment[],
): Promise<ShardAssessment[]> {
  return mapAtOnce(seal.shards, async ({ path, uri, version }, number) => {
    const assessment = assessments[number] as ShardAssessment;
    if (assessment.sha256 === null) return assessment;
    const now = await sha256OfAll(store.stream(uri, version)).catch(nullWhereGone);
    const why = 'it was replaced or taken away while it was judged';
    return now === assessment.sha256 ? assessment : unreadableShard(path, assessment.sha256, why);
  });
}

/** A store that fails says nothing about a shard. */
function nullWhereGone(error: unknown): null {
  if (saysGone(error)) return null;
  throw error;
}

async function judgeRows(
  { store, vault, bench, scratch, seal, trust }: BatchToDecide,
  assessments: readonly ShardAssessment[] | null,
  rows: RowsSink,
): Promise<ScanOutcome> {
  const { plan, backend, trusted } = bench;
  const { policy, columns } = plan;
  const manifest = await readSealedManifest(store, vault, seal);
  const batch = { name: seal.batch, path: seal.batch, manifest, shards: seal.shards };
  const origin = { dataset: seal.dataset, ...(trust === null ? {} : { trust }) };
  const request = { policy, ledger: below(vault, 'ledger'), origin, rows };
  if (trusted === null || assessments === null) {
    return scanShards(batch, { ...request, columns, backend: plan.backend, processes: 0 }, store);
  }
  const { limits } = policy;
  return withCrew(limits, (crew) => {
    const resources = { store, crew, backend, scratch, processes: 0, limits };
    return judge({ ...batch, assessments }, request, resources, trusted.opened);
  });
}

/** The result of a large shard is large, and in memory as a whole. */
const RESULTS_AT_ONCE = 4;

/** Brings the results of all shards into the scratch folder. */
async function gather({ store, vault, bench, scratch, seal, assessed }: BatchToDecide): Promise<ShardAssessment[]> {
  if (bench.trusted !== null) await writeBaseline(scratch, bench.trusted.opened.baseline);
  const byPath = new Map(assessed.done.map((done) => [done.path, done]));
  const bring = async ({ path }: SealedShard, number: number) => {
    const { sha256 = null, unread = null } = byPath.get(path) ?? {};
    if (sha256 === null) {
      const why = unread ?? `it could not be assessed: ${assessed.failureOf(path) ?? 'nobody knows why'}`;
      return unreadableShard(path, null, why);
    }
    const result = await store.read(below(vault, resultPath(bench.plan.name, path, sha256)));
    return unpackResult(scratch, number, result);
  };
  return mapAtOnce(seal.shards, bring, RESULTS_AT_ONCE);
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
