import { tmpdir } from 'node:os';
import {
  assessAll,
  countApart,
  instructionFiles,
  judgedShards,
  processesFor,
  rowFiles,
  type ShardAssessment,
  type ShardRows,
  sampleBatch,
  setAside,
  withCrew,
} from './assess/index.js';
import { type Baseline, fitOwn, type OpenBaseline, openBaseline } from './baseline/index.js';
import { version } from './config/index.js';
import { someOf } from './count.js';
import { condemnedCarriers, type Decided, decideApart, itemLevel, NO_TRIGGERS, type Policy } from './decide/index.js';
import { findPlantedTriggers, type PlantedTriggers, scoresAcross } from './detect/index.js';
import type { NamedColumns } from './encode/index.js';
import { BadInput } from './errors.js';
import { locateShards, type Shard } from './intake/index.js';
import { type History, readHistory, recordBatch } from './ledger/index.js';
import { type BackendChoice, startBackend } from './linear/index.js';
import { assertNotSplit, markRows, type SplitSummary, splitHeld } from './mark/index.js';
import { withModels } from './model/index.js';
import { findSpectral } from './pipeline/find-spectral.js';
import { findTriggers } from './pipeline/find-triggers.js';
import { exceptOddTriggers } from './pipeline/odd-carriers.js';
import { type OriginRequest, proveOrigin, readManifest } from './pipeline/prove-origin.js';
import { gatherOutcome, policyRecord, type RowsSink, type ScanOutcome, watchRows } from './report/index.js';
import { anyStore, isShared, type ObjectStore, withScratch } from './store/index.js';
import { type BesideShards, requireApprovedBaseline, requireNamedDataset, setAsideIgnored } from './verify/index.js';

export interface ScanRequest {
  /** Files or folders that together are the batch. */
  readonly batch: readonly string[];
  /** File or folder of trusted rows, or an artefact fitted on them; without it the batch is judged against itself. */
  readonly baseline?: string;
  /** Columns named by the user; what is left out is guessed. */
  readonly columns: NamedColumns;
  readonly policy: Policy;
  /** Folder of what earlier batches have shown of their sources; this batch is added to it. */
  readonly ledger?: string;
  /** Where the batch should come from; what its manifest says is checked in any case. */
  readonly origin?: OriginRequest;
  readonly backend: BackendChoice;
  /** Processes that score shards; 0 chooses by cores and size. */
  readonly processes: number;
  /** True to leave cells of rows out of everything that is said. */
  readonly redact?: boolean;
  /** Folder for the clean and the withheld rows of held shards, each shard in two parts. */
  readonly split?: string;
  /** Where the marks of all rows go. */
  readonly rows?: RowsSink;
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  readonly stage: 'baseline' | 'score' | 'decide' | 'mark';
  readonly done: number;
  readonly total: number;
}

/** Judges a batch of files against trusted rows, or against itself. */
export async function scan(request: ScanRequest, store: ObjectStore = anyStore): Promise<ScanOutcome> {
  if (request.split !== undefined) await assertNotSplit(request.split);
  const files = await locateShards(store, request.batch);
  const given = await readManifest(store, request.batch, request.origin?.manifest);
  requireNamedDataset(given?.content, request.origin ?? {});
  const { shards, beside } = setAsideIgnored(store, files, given);
  if (shards.length === 0) throw new BadInput('NO_SHARDS', { path: request.batch.join(', ') });
  const batch = {
    name: store.nameOf(request.batch[0] ?? ''),
    path: request.batch.join(', '),
    manifest: given?.content,
    beside,
    shards,
  };
  return scanShards(batch, request, store);
}

/** The same for shards that are located already. */
async function scanShards(
  batch: Omit<BatchToJudge, 'assessments'>,
  request: Omit<ScanRequest, 'batch'>,
  store: ObjectStore,
): Promise<ScanOutcome> {
  const { shards, path } = batch;
  const { baseline: trusted, columns, policy, processes, onProgress: report = () => {} } = request;
  const { limits } = policy;
  return withCrew(limits, async (crew) => {
    if (isShared(store)) crew.begin(processesFor(shards, processes));
    const backend = await startBackend(request.backend);
    report({ stage: 'baseline', done: 0, total: 1 });
    const demand = { trust: request.origin?.trust, dataset: request.origin?.dataset };
    if (trusted === undefined) await requireApprovedBaseline(store, { path: undefined, artefact: null }, demand);
    const resources = { store, crew, backend, processes, limits };
    const opened =
      trusted === undefined
        ? await sampleAndFit(shards, path, request, resources)
        : await withModels(columns.contract, backend, (models) => openBaseline(store, trusted, columns, models));
    if (trusted !== undefined) {
      await requireApprovedBaseline(store, { path: trusted, artefact: opened.artefact }, demand);
    }
    return withScratch(tmpdir(), async (scratch) => {
      const onProgress = (done: number) => report({ stage: 'score', done, total: shards.length });
      const job = { ...resources, scratch, baseline: opened.baseline, columns: opened.named, onProgress };
      const assessments = await assessAll(shards, job);
      // Deciding takes memory of its own, and one process beside it.
      await crew.rest(1);
      return judge({ ...batch, assessments }, request, job, opened);
    });
  });
}

/** The shards of a batch and what assessing each has shown; of the rows its scratch folder tells. */
export interface BatchToJudge {
  readonly name: string;
  /** For messages. */
  readonly path: string;
  /** Where the sender gave one. */
  readonly manifest: Uint8Array | undefined;
  /** What is none of its shards by the manifest. */
  readonly beside?: BesideShards;
  readonly shards: readonly Shard[];
  /** In the order of `shards`. */
  readonly assessments: readonly ShardAssessment[];
}

export type JudgeRequest = Pick<
  ScanRequest,
  'policy' | 'ledger' | 'origin' | 'redact' | 'split' | 'rows' | 'onProgress'
>;

/**
 * Decides on a batch whose shards are assessed, and marks its rows.
 * @throws BadInput NO_READABLE_SHARD, COLUMN_MISSING, LEDGER_UNUSABLE; Transient READ_FAILED, WRITE_FAILED, PROCESS_DIED
 */
export async function judge(
  { name: batch, path, manifest, beside = { ignored: [] }, shards, assessments: assessed }: BatchToJudge,
  request: JudgeRequest,
  resources: Resources,
  { baseline, named, artefact }: OpenBaseline,
): Promise<ScanOutcome> {
  const { policy, onProgress: report = () => {} } = request;
  const { store, backend, scratch } = resources;
  const shown = request.redact === true ? assessed.map(withoutCells) : assessed;
  requireJudged(shown, path, named);
  const arrived = { name: batch, manifest, beside, shards, assessments: shown };
  const { assessments, doubts, signer, record } = proveOrigin(arrived, request.origin ?? {});

  report({ stage: 'decide', done: 0, total: 1 });
  const judged = assessments.filter(({ isJudged }) => isJudged);
  const history =
    request.ledger === undefined
      ? undefined
      : await readHistory(store, request.ledger, judged, policy.tolerance, signer);
  const known = rowsIn(scratch, assessments);
  const { rowsOf } = known;
  const job = { ...resources, baseline, columns: named };
  const deciding = decideApart(assessments, baseline, policy, history !== undefined);
  let decided: Decided;
  try {
    const { counted, evidence, others } = await gatherEvidence(shards, assessments, known, { request, job, history });
    decided = await deciding.end(others, batch, counted, { ...evidence, doubts, signer });
  } finally {
    await deciding.stop();
  }
  const ledger = await recordInLedger(store, request, judged, history, { decided, baseline });

  report({ stage: 'mark', done: 0, total: 1 });
  const acrossClasses = scoresAcrossClasses(baseline);
  const marked = markRows({ assessments, decided, classes: baseline.classes, rowsOf, acrossClasses });
  request.rows?.begin(layoutOf(assessments, baseline));
  let split: SplitSummary | undefined;
  const passed =
    request.split === undefined
      ? marked
      : splitHeld(
          marked,
          splitJob(request.split, shards, assessments, decided, { store, limits: policy.limits }),
          (done) => {
            split = done;
          },
        );
  const { worst, withheldRows, picture } = await watchRows(passed, baseline, (marks) => request.rows?.write(marks));
  const worstRows = await worst.read({ shards, assessments, job });
  return gatherOutcome({
    batch,
    shards,
    assessments,
    decided,
    worstRows,
    withheldRows,
    picture,
    baseline,
    artefact,
    policy,
    contract: usedContract(named, baseline),
    provenance: record,
    ledger,
    backend,
    version,
    ...(split === undefined ? {} : { split }),
  });
}

/** What rows show together, beside what each shows by itself; `others` are the assessments without rows that it explains. */
async function gatherEvidence(
  shards: readonly Shard[],
  assessments: readonly ShardAssessment[],
  { rowsOf, signedOf }: ReturnType<typeof rowsIn>,
  { request: { policy, redact = false }, job, history }: EvidenceJob,
) {
  const { baseline, scratch } = job;
  const triggers = await searchPrompts(assessments, baseline, scratch);
  const isCounted = baseline.items !== null || baseline.suspects !== undefined;
  const looksFor = { triggers, history, isRedacted: redact, ...(isCounted && { carried: NO_TRIGGERS }) };
  const level = itemLevel(policy, looksFor);
  const batch = { shards, assessments, rowsOf, signedOf, job, redact };
  const [counts, carried] = await Promise.all([
    countApart({ scratch, shards: judgedShards(assessments), trusted: baseline.signed, level }, job.crew),
    findTriggers(batch, level),
  ]);
  const counted = [{ kind: 'duplicate-flood', counts } as const];
  const found = { ...looksFor, ...(isCounted && { carried, shifts: carried.shifts }) };
  // What a flood's own copies or a trigger's carriers are like is no finding beside it.
  const apart = isCounted ? { ...found, carried: await exceptOddTriggers(carried, batch) } : found;
  const carriers = condemnedCarriers(counted, policy, apart);
  const others = carriers === null ? assessments : await setAside(assessments, carriers, baseline, rowsOf);
  return { counted, evidence: { ...found, spectral: await findSpectral(batch, carriers) }, others };
}

interface EvidenceJob {
  readonly request: JudgeRequest;
  readonly job: Parameters<typeof findTriggers>[0]['job'];
  readonly history: History | undefined;
}

/** Triggers in the prompts of instructions; undefined where rows are none. */
async function searchPrompts(
  assessments: readonly ShardAssessment[],
  { columns }: Baseline,
  scratch: string,
): Promise<PlantedTriggers | undefined> {
  const roles = new Set(columns.map(({ role }) => role));
  if (!roles.has('prompt') || !roles.has('response')) return undefined;
  const files = instructionFiles(scratch);
  return findPlantedTriggers(assessments.map(({ path }, number) => ({ path, read: () => files.read(number) })));
}

/** Adds the batch to its ledger, whatever the verdict, and says which snapshot of it the verdict rests on. */
async function recordInLedger(
  store: ObjectStore,
  { ledger, policy }: JudgeRequest,
  judged: readonly ShardAssessment[],
  history: History | undefined,
  { decided: { accounts = [] }, baseline }: { readonly decided: Decided; readonly baseline: Baseline },
): Promise<ScanOutcome['ledger']> {
  if (ledger === undefined || history === undefined) return null;
  const { tolerance } = policy;
  const content = { baseline: baseline.sha256, policy: policyRecord(policy).sha256, tolerance, accounts };
  const entry = await recordBatch(store, ledger, judged, content);
  const { sha256, batches, leftOut } = history;
  return {
    sha256,
    batches: batches.length,
    rows: batches.reduce((sum, { rows }) => sum + rows, 0),
    leftOut,
    sources: accounts.filter(({ scope }) => scope === 'source').length,
    entry,
  };
}

function splitJob(
  folder: string,
  shards: readonly Shard[],
  assessments: readonly ShardAssessment[],
  { decision }: Decided,
  reading: Pick<Resources, 'store' | 'limits'>,
) {
  const isHeld = new Set(decision.shards.filter(({ verdict }) => verdict === 'quarantine').map(({ path }) => path));
  const digests = new Map(assessments.map(({ path, sha256 }) => [path, sha256]));
  const held = shards
    .filter(({ path }) => isHeld.has(path))
    .map((shard) => [shard.path, { ...shard, sha256: digests.get(shard.path) ?? null }] as const);
  return { ...reading, folder, held: new Map(held) };
}

/** What is known of the rows of each shard, when it is wanted. */
function rowsIn(scratch: string, assessments: readonly ShardAssessment[]) {
  const rowStore = rowFiles(scratch);
  const numbers = new Map(assessments.map(({ path }, number) => [path, number]));
  const rowsOf = ({ path }: ShardAssessment): Promise<ShardRows> => rowStore.read(numbers.get(path) ?? -1);
  const signedOf = ({ path }: ShardAssessment) => rowStore.readSigned(numbers.get(path) ?? -1);
  return { rowsOf, signedOf };
}

function layoutOf(assessments: readonly ShardAssessment[], { detectors }: Baseline) {
  const readable = assessments.filter(({ rows }) => rows !== null);
  return { paths: readable.map(({ path }) => path), kinds: detectors.map(({ kind }) => kind) };
}

/** Where rows are ranked among those of every class anyway there is nothing to say. */
function scoresAcrossClasses({ detectors }: Baseline): ReadonlyMap<string, Float64Array> {
  const byClass = detectors.filter(({ strata, ranks }) => strata.count > 1 && ranks === undefined);
  return new Map(
    byClass.flatMap(({ kind, calibrations: [own] }) => (own === undefined ? [] : [[kind, scoresAcross(own)] as const])),
  );
}

function usedContract({ contract }: NamedColumns, { models }: Baseline): ScanOutcome['contract'] {
  return contract === undefined ? null : { sha256: contract.sha256, advisory: contract.isAdvisory, models };
}

/** Before anything is decided or said: no later word can tell what it never knew. */
function withoutCells(assessment: ShardAssessment): ShardAssessment {
  return { ...assessment, faults: assessment.faults.map((fault) => ({ ...fault, ...fault.withoutCells })) };
}

type Resources = Omit<Parameters<typeof sampleBatch>[1], 'columns' | 'models' | 'path' | 'onProgress'>;

/** As openBaseline, from the rows of the batch itself. */
async function sampleAndFit(
  shards: readonly Shard[],
  path: string,
  { columns: named, onProgress: report = () => {} }: Pick<ScanRequest, 'columns' | 'onProgress'>,
  resources: Omit<Resources, 'scratch'>,
): Promise<OpenBaseline> {
  const onProgress = (done: number) => report({ stage: 'baseline', done, total: shards.length });
  const job = { ...resources, columns: named, path, onProgress };
  const sample = await withModels(named.contract, resources.backend, (models) =>
    withScratch(tmpdir(), (scratch) => sampleBatch(shards, { ...job, models, scratch })),
  );
  return fitOwn(sample, named);
}

/** @throws BadInput NO_READABLE_SHARD; COLUMN_MISSING when no shard has the column that was named as the source */
function requireJudged(assessments: readonly ShardAssessment[], path: string, { source }: NamedColumns): void {
  const readable = assessments.filter(({ rows }) => rows !== null);
  if (readable.length === 0) {
    const [first] = assessments;
    const detail = `${first?.path}: ${first?.faults[0]?.summary}`;
    throw new BadInput('NO_READABLE_SHARD', { path, count: assessments.length, detail });
  }
  if (source !== undefined && readable.every(({ columns }) => !columns.includes(source))) {
    throw new BadInput('COLUMN_MISSING', { path, column: source, columns: someOf(readable[0]?.columns ?? []) });
  }
}
