import { createHash } from 'node:crypto';
import { assess, type ShardAssessment } from './assess/index.js';
import { type Baseline, fitBaseline, readTrusted } from './baseline/index.js';
import { version } from './config/index.js';
import { decide, type Policy } from './decide/index.js';
import { assignRoles, type NamedColumns } from './encode/index.js';
import { BadInput } from './errors.js';
import { locateShards, type Shard } from './intake/index.js';
import { type BackendChoice, startBackend } from './linear/index.js';
import { markRows } from './mark/index.js';
import { readWorstRows, type ScanOutcome } from './report/index.js';
import { fileStore, type ObjectStore } from './store/index.js';

export interface ScanRequest {
  /** Files or folders that together are the batch. */
  readonly batch: readonly string[];
  /** File or folder of trusted rows. */
  readonly baseline: string;
  /** Columns named by the user; what is left out is guessed. */
  readonly columns: NamedColumns;
  readonly policy: Policy;
  readonly backend: BackendChoice;
  /** Processes that score shards; 0 chooses by cores and size. */
  readonly processes: number;
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  readonly stage: 'hash' | 'baseline' | 'score' | 'decide' | 'mark';
  readonly done: number;
  readonly total: number;
}

/** Judges a batch of files against trusted rows. */
export async function scan(request: ScanRequest, store: ObjectStore = fileStore): Promise<ScanOutcome> {
  const report = request.onProgress ?? (() => {});
  const backend = await startBackend(request.backend);
  const shards = await locateShards(store, request.batch);
  report({ stage: 'baseline', done: 0, total: 1 });
  const trusted = await readTrusted(store, request.baseline);
  const columns = assignRoles(trusted.table, request.columns, request.baseline);
  const baseline = fitBaseline(trusted, columns);
  const assessments = await assessAll(store, shards, baseline, request, report);
  requireJudged(assessments, request);
  report({ stage: 'decide', done: 0, total: 1 });
  const batch = store.nameOf(request.batch[0] ?? '');
  const decided = decide(assessments, baseline, request.policy, batch);
  report({ stage: 'mark', done: 0, total: 1 });
  const marks = markRows(assessments, decided, baseline.classes);
  return {
    batch,
    decision: decided.decision,
    shards: shards.map(({ path, uri }, index) => ({ path, uri, ...pinOf(assessments[index]) })),
    marks,
    columns,
    notes: [...baseline.notes, ...notesOn(assessments)],
    worstRows: await readWorstRows(store, shards, assessments, marks),
    baseline: {
      rows: baseline.rows,
      distinctRows: baseline.distinctRows,
      blocks: baseline.blocks,
      sha256: baseline.sha256,
    },
    policy: { ...request.policy, sha256: createHash('sha256').update(JSON.stringify(request.policy)).digest('hex') },
    backend,
    version,
  };
}

async function assessAll(
  store: ObjectStore,
  shards: readonly Shard[],
  baseline: Baseline,
  { columns }: ScanRequest,
  report: (progress: Progress) => void,
): Promise<ShardAssessment[]> {
  const assessments: ShardAssessment[] = [];
  for (const shard of shards) {
    report({ stage: 'score', done: assessments.length, total: shards.length });
    assessments.push(await assess(store, shard, baseline, columns));
  }
  return assessments;
}

function pinOf(assessment: ShardAssessment | undefined): { sha256: string; rows: number | null } {
  return { sha256: assessment?.sha256 ?? '', rows: assessment?.rows ?? null };
}

/** @throws BadInput NO_READABLE_SHARD */
function requireJudged(assessments: readonly ShardAssessment[], { batch }: ScanRequest): void {
  if (assessments.some(({ rows }) => rows !== null)) return;
  const detail = assessments[0]?.faults[0]?.summary ?? '';
  throw new BadInput('NO_READABLE_SHARD', { path: batch.join(', '), count: assessments.length, detail });
}

function notesOn(assessments: readonly ShardAssessment[]): string[] {
  const ignored = new Set(assessments.flatMap(({ ignoredColumns }) => ignoredColumns));
  return ignored.size === 0
    ? []
    : [`Ignored, because the trusted rows do not have them: ${[...ignored].sort().join(', ')}.`];
}
