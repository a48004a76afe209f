import type { Table } from 'apache-arrow';
import { assessShard } from '../src/assess/index.js';
import { type Baseline, fitBaseline } from '../src/baseline/index.js';
import { familyLevel, type Policy, testHierarchy } from '../src/decide/index.js';
import { type CodedRows, columnShifts, countCells, countItems, type Shift } from '../src/detect/index.js';
import { assignRoles } from '../src/encode/index.js';

/** Trusted rows in blocks. */
interface Trusted {
  readonly corpus: string;
  readonly trusted: Table;
  /** Row → block that it was collected in. */
  readonly blockOf: Int32Array;
  readonly seed: number;
}

/** Trusted rows and the shards to judge by them. */
export interface Trial extends Trusted {
  readonly shards: readonly Table[];
}

const none = { ids: [] };

/** Everything the tests of a batch come to, without any file. */
export async function testBatch(trial: Trial, policy: Policy) {
  const { baseline, assessments, counted } = await assessTrial(trial, policy);
  return { baseline, outcomes: testHierarchy(assessments, baseline, policy, `${trial.seed}`, counted) };
}

/** What the decision on a batch draws on. */
export async function assessTrial(trial: Trial, policy: Policy) {
  const baseline = fitTrusted(trial);
  return { baseline, ...(await assessBatch(trial, baseline, policy)) };
}

function fitTrusted({ corpus, trusted, blockOf, seed }: Trusted): Baseline {
  const source = { table: trusted, fileOf: blockOf, sha256: `${seed}`, path: corpus };
  return fitBaseline(source, assignRoles(trusted, none, corpus));
}

/** What the tests of a batch draw on. */
export async function assessBatch(
  { shards, seed }: Pick<Trial, 'shards' | 'seed'>,
  baseline: Baseline,
  policy: Policy,
) {
  const assessed = shards.map((table, shard) =>
    assessShard(
      { path: `shard-${String(shard).padStart(2, '0')}`, sha256: `${seed}/${shard}`, table },
      { baseline, columns: none },
    ),
  );
  const assessments = assessed.map(({ assessment }) => assessment);
  const counts = await countItems(
    assessed.map(({ assessment: { path, sources }, rows }) => ({
      path,
      rows: rows.labels.length,
      sources,
      readSigned: async () => rows,
      read: async () => rows,
    })),
    baseline.signed,
    familyLevel(policy),
  );
  return {
    assessments,
    counted: [{ kind: 'duplicate-flood', counts } as const],
    shifts: shiftsOf(
      baseline,
      assessed.flatMap(({ items }) => items ?? []),
    ),
  };
}

/** Columns in which the batch lies elsewhere. */
function shiftsOf({ items: trusted }: Baseline, parts: readonly CodedRows[]): Shift[] {
  if (trusted === null) return [];
  const cells = new Uint32Array(trusted.space.cells);
  for (const part of parts) countCells(trusted.space, part, cells);
  return columnShifts(trusted.space, trusted.cells, cells);
}
