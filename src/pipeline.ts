import { tmpdir } from 'node:os';
import { assessAll, rowFiles, type ShardAssessment, sampleBatch } from './assess/index.js';
import { type Baseline, fitProvisional, type OpenBaseline, openBaseline } from './baseline/index.js';
import { version } from './config/index.js';
import { decide, familyLevel, type Policy } from './decide/index.js';
import { countItems } from './detect/index.js';
import { assignRoles, type NamedColumns } from './encode/index.js';
import { BadInput } from './errors.js';
import { locateShards, type Shard } from './intake/index.js';
import { type BackendChoice, startBackend } from './linear/index.js';
import { markRows } from './mark/index.js';
import { withModels } from './model/index.js';
import { findTriggers } from './pipeline/find-triggers.js';
import { gatherOutcome, type RowsSink, type ScanOutcome, watchRows } from './report/index.js';
import { fileStore, type ObjectStore, withScratch } from './store/index.js';

export interface ScanRequest {
  /** Files or folders that together are the batch. */
  readonly batch: readonly string[];
  /** File or folder of trusted rows, or an artefact fitted on them; without it the batch is judged against itself. */
  readonly baseline?: string;
  /** Columns named by the user; what is left out is guessed. */
  readonly columns: NamedColumns;
  readonly policy: Policy;
  readonly backend: BackendChoice;
  /** Processes that score shards; 0 chooses by cores and size. */
  readonly processes: number;
  /** True to leave cells of rows out of everything that is said. */
  readonly redact?: boolean;
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
export async function scan(request: ScanRequest, store: ObjectStore = fileStore): Promise<ScanOutcome> {
  const { baseline: trusted, columns, policy, processes, onProgress: report = () => {} } = request;
  const backend = await startBackend(request.backend);
  const shards = await locateShards(store, request.batch);

  report({ stage: 'baseline', done: 0, total: 1 });
  const resources = { store, backend, processes, limits: policy.limits };
  const opened =
    trusted === undefined
      ? await sampleAndFit(shards, request, resources)
      : await withModels(columns.contract, backend, (models) => openBaseline(store, trusted, columns, models));
  return withScratch(tmpdir(), (scratch) => judge(shards, request, { ...resources, scratch }, opened));
}

async function judge(
  shards: readonly Shard[],
  request: ScanRequest,
  resources: Resources,
  { baseline, named, artefact }: OpenBaseline,
): Promise<ScanOutcome> {
  const { policy, onProgress: report = () => {} } = request;
  const { store, backend, scratch } = resources;
  const onProgress = (done: number) => report({ stage: 'score', done, total: shards.length });
  const assessed = await assessAll(shards, { ...resources, baseline, columns: named, onProgress });
  const assessments = request.redact === true ? assessed.map(withoutCells) : assessed;
  requireJudged(assessments, { ...request, columns: named });

  report({ stage: 'decide', done: 0, total: 1 });
  const batch = store.nameOf(request.batch[0] ?? '');
  const rowsOf = rowsIn(scratch, assessments);
  const items = await countItems(
    assessments.filter(({ isJudged }) => isJudged).map((shard) => ({ path: shard.path, read: () => rowsOf(shard) })),
    baseline.signed,
    familyLevel(policy) / 2,
  );
  const job = { ...resources, baseline, columns: named };
  const assessedBatch = { shards, assessments, rowsOf, job, redact: request.redact === true };
  const triggers = await findTriggers(assessedBatch, familyLevel(policy) / 2);
  const decided = decide(assessments, baseline, policy, batch, [{ kind: 'duplicate-flood', counts: items }], triggers);

  report({ stage: 'mark', done: 0, total: 1 });
  const isProvisional = baseline.twin !== undefined;
  const marked = markRows({ assessments, decided, classes: baseline.classes, rowsOf, isProvisional });
  request.rows?.begin(layoutOf(assessments, baseline));
  const { worst, picture } = await watchRows(marked, baseline, (marks) => request.rows?.write(marks));
  const worstRows = await worst.read({ store, shards, assessments, baseline, limits: policy.limits });
  return gatherOutcome({
    batch,
    shards,
    assessments,
    decided,
    worstRows,
    picture,
    baseline,
    artefact,
    policy,
    contract: usedContract(named, baseline),
    backend,
    version,
  });
}

/** Reads what is known of the rows of each shard. */
function rowsIn(scratch: string, assessments: readonly ShardAssessment[]) {
  const rowStore = rowFiles(scratch);
  const numbers = new Map(assessments.map(({ path }, number) => [path, number]));
  return ({ path }: ShardAssessment) => rowStore.read(numbers.get(path) ?? -1);
}

function layoutOf(assessments: readonly ShardAssessment[], { detectors }: Baseline) {
  const readable = assessments.filter(({ rows }) => rows !== null);
  return { paths: readable.map(({ path }) => path), kinds: detectors.map(({ kind }) => kind) };
}

function usedContract({ contract }: NamedColumns, { models }: Baseline): ScanOutcome['contract'] {
  return contract === undefined ? null : { sha256: contract.sha256, advisory: contract.isAdvisory, models };
}

/** Before anything is decided or said: no later word can tell what it never knew. */
function withoutCells(assessment: ShardAssessment): ShardAssessment {
  return { ...assessment, faults: assessment.faults.map((fault) => ({ ...fault, ...fault.withoutCells })) };
}

type Resources = Omit<Parameters<typeof sampleBatch>[1], 'columns' | 'path' | 'onProgress'>;

/** As openBaseline, from the rows of the batch itself. */
async function sampleAndFit(
  shards: readonly Shard[],
  { batch, columns: named, onProgress: report = () => {} }: ScanRequest,
  resources: Omit<Resources, 'scratch'>,
): Promise<OpenBaseline> {
  const onProgress = (done: number) => report({ stage: 'baseline', done, total: shards.length });
  const job = { ...resources, columns: named, path: batch.join(', '), onProgress };
  const sample = await withScratch(tmpdir(), (scratch) => sampleBatch(shards, { ...job, scratch }));
  return { baseline: fitProvisional(sample, assignRoles(sample.table, named, sample.path)), named, artefact: null };
}

/** @throws BadInput NO_READABLE_SHARD; COLUMN_MISSING when no shard has the column that was named as the source */
function requireJudged(assessments: readonly ShardAssessment[], { batch, columns: { source } }: ScanRequest): void {
  const readable = assessments.filter(({ rows }) => rows !== null);
  const path = batch.join(', ');
  if (readable.length === 0) {
    const [first] = assessments;
    const detail = `${first?.path}: ${first?.faults[0]?.summary}`;
    throw new BadInput('NO_READABLE_SHARD', { path, count: assessments.length, detail });
  }
  if (source !== undefined && readable.every(({ columns }) => !columns.includes(source))) {
    throw new BadInput('COLUMN_MISSING', { path, column: source, columns: readable[0]?.columns.join(', ') ?? '' });
  }
}
