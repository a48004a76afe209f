import { beforeAll, describe, expect, it } from 'vitest';
import { assessShard, type ShardAssessment } from '../../src/assess/index.js';
import { type Decided, decide } from '../../src/decide/index.js';
import { startBackend } from '../../src/linear/index.js';
import { markRows } from '../../src/mark/index.js';
import { defaultShardLimits } from '../../src/schema/index.js';
import { fitOn, labelled } from '../baseline/trusted.js';
import { collect } from '../collect.js';
import { CLASSES, numberRowsAt } from '../detect/populations.js';

const POLICY = { mode: 'enforce', falseQuarantineRate: 0.01, tolerance: 0.005, limits: defaultShardLimits } as const;

const marked = (flags: Uint8Array) => [...flags.keys()].filter((at) => flags[at] === 1);

describe('a poisoned batch', () => {
  beforeAll(async () => {
    await startBackend('wasm');
  });

  it('has as many suspects as the findings estimate, most of them poisoned, and reasons for all', async () => {
    const baseline = fitOn(labelled(numberRowsAt(400, 'trusted', 4)));
    const isFlipped = (shard: number, at: number) => shard === 1 && at % 4 === 0;
    const shards = [0, 1, 2].map((shard) => {
      const clean = numberRowsAt(200, `shard ${shard}`, 4);
      const labels = clean.labels.map((label, at) => (isFlipped(shard, at) ? (label + 1) % CLASSES : label));
      const table = labelled({ ...clean, labels });
      return assessShard({ path: `s${shard}`, sha256: `${shard}`, table }, { baseline, columns: { ids: [] } });
    });
    const assessments = shards.map(({ assessment }) => assessment);
    const { classes } = baseline;
    const mark = (decided: Pick<Decided, 'selections' | 'withheld'>) => {
      const rowsOf = async ({ path }: ShardAssessment) =>
        shards.find(({ assessment }) => assessment.path === path)!.rows;
      return collect(markRows({ assessments, decided, classes, rowsOf }));
    };
    const decided = decide(assessments, baseline, POLICY, 'batch');
    expect(decided.decision.shards.map(({ verdict }) => verdict)).toEqual(['release', 'quarantine', 'release']);
    const marks = await mark(decided);
    expect(decided.selections.length).toBeGreaterThan(0);
    for (const selection of decided.selections) {
      const alone = await mark({ ...decided, selections: [selection] });
      const finding = decided.decision.findings.find(({ id }) => id === selection.finding);
      const suspects = alone.flatMap(({ suspect }) => marked(suspect)).length;
      // A pair of classes is counted over the batch; its rows are sought in the shards that carry it.
      if (finding!.scope === 'class-pair') expect(suspects).toBeLessThanOrEqual(finding!.excessRows!.estimate);
      else expect(suspects).toBe(finding!.excessRows!.estimate);
    }
    const [, bad] = marks.map(({ suspect }) => marked(suspect));
    expect(bad!.filter((at) => isFlipped(1, at)).length / bad!.length).toBeGreaterThan(0.8);
    expect(bad!.filter((at) => isFlipped(1, at)).length).toBeGreaterThan(35);
    for (const at of bad!)
      expect(marks[1]!.reason[at]).toMatch(/^label(led)? class \d.*\(p = [\d.e-]+; label-flip\/.+\)$/);
  });
});
