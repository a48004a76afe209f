import type { Table } from 'apache-arrow';
import { assessShard } from '../src/assess/index.js';
import { fitBaseline } from '../src/baseline/index.js';
import { familyLevel, type Policy, testHierarchy } from '../src/decide/index.js';
import { countItems } from '../src/detect/index.js';
import { assignRoles } from '../src/encode/index.js';

/** Trusted rows in blocks and the shards to judge by them. */
export interface Trial {
  readonly corpus: string;
  readonly trusted: Table;
  /** Row → block that it was collected in. */
  readonly blockOf: Int32Array;
  readonly shards: readonly Table[];
  readonly seed: number;
}

/** Everything the tests of a batch come to, without any file. */
export async function testBatch({ corpus, trusted, blockOf, shards, seed }: Trial, policy: Policy) {
  const none = { ids: [] };
  const source = { table: trusted, fileOf: blockOf, sha256: `${seed}`, path: corpus };
  const baseline = fitBaseline(source, assignRoles(trusted, none, corpus));
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
  const counted = [{ kind: 'duplicate-flood', counts } as const];
  return { baseline, assessments, counted, outcomes: testHierarchy(assessments, baseline, policy, `${seed}`, counted) };
}
