import { describe, expect, it } from 'vitest';
import { type Decided, decide, type Policy } from '../../src/decide/index.js';
import { defaultShardLimits } from '../../src/schema/index.js';
import { assessmentOf, type BatchRow, baselineOf, Rows } from './batches.js';
import { mostRejections } from './bounds.js';

const POLICY: Policy = { mode: 'enforce', falseQuarantineRate: 0.01, tolerance: 0.005, limits: defaultShardLimits };
const SOURCES = ['ann', 'ben', 'cleo', 'dan'];
const SHARDS = 8;
const ROWS = 120;

/** A batch whose rows are judged by models of one another: what is known of trusted rows plays no part in its tests. */
function judgeItself(shards: readonly (readonly BatchRow[])[], policy: Partial<Policy> = {}): Decided {
  const fitted = baselineOf(shards.flat());
  const baseline = { ...fitted, twin: fitted };
  const assessments = shards.map((rows, shard) => assessmentOf(`shard-${shard}`, rows, baseline, { isJudged: true }));
  return decide(assessments, baseline, { ...POLICY, ...policy }, 'monday');
}

type Draw = (rows: Rows, shard: number, source: string) => BatchRow | undefined;

function batchOf(seed: string, draw: Draw, shards = SHARDS): BatchRow[][] {
  const rows = new Rows(seed);
  return Array.from({ length: shards }, (_, shard) =>
    rows.many(ROWS, (row) => {
      const source = SOURCES[row % SOURCES.length]!;
      return { ...(draw(rows, shard, source) ?? rows.sound()), source };
    }),
  );
}

const held = ({ decision }: Decided) =>
  decision.shards.filter(({ verdict }) => verdict === 'quarantine').map(({ path }) => path);
const subjects = ({ decision }: Decided, scope: string) =>
  decision.findings.filter((finding) => finding.scope === scope).map(({ subject }) => subject);

const isOneIn = (rows: Rows, share: number) => rows.random() < share;

describe('without trusted rows', () => {
  it('two shards with flipped labels are named, and no others', () => {
    const batch = batchOf('two', (rows, shard) => (shard < 2 && isOneIn(rows, 0.25) ? rows.flipped() : undefined));
    const decided = judgeItself(batch);
    expect(held(decided)).toEqual(['shard-0', 'shard-1']);
    expect(subjects(decided, 'source')).toEqual([]);
    expect(decided.decision.findings[0]?.evidence.summary).toContain('beyond what the rest of the batch shows');
  });

  it('the source that flips labels is named, and no other', () => {
    const batch = batchOf('drip', (rows, _, source) =>
      source === 'cleo' && isOneIn(rows, 0.25) ? rows.flipped() : undefined,
    );
    const decided = judgeItself(batch);
    expect(subjects(decided, 'source')).toEqual(['cleo']);
    expect(subjects(decided, 'shard')).toEqual([]);
  });

  it('the shard that holds outliers is named', () => {
    const batch = batchOf('odd', (rows, shard) => (shard === 5 && isOneIn(rows, 0.15) ? rows.odd() : undefined));
    const decided = judgeItself(batch);
    expect(held(decided)).toEqual(['shard-5']);
    expect(decided.decision.findings.map(({ kind }) => kind)).toContain('outlier');
  });

  it('labels that are wrong in one class of one shard are found', () => {
    const batch = batchOf('pair', (rows, shard) =>
      shard === 3 && isOneIn(rows, 0.12) ? rows.confused(0, 2) : undefined,
    );
    expect(held(judgeItself(batch))).toEqual(['shard-3']);
  });

  it('what is spread evenly cannot be seen, and the report claims no least number', () => {
    const decided = judgeItself(batchOf('even', (rows) => (isOneIn(rows, 0.3) ? rows.flipped() : undefined)));
    expect(held(decided)).toEqual([]);
    expect(decided.decision.minimumDetectable.map(({ rows }) => rows)).toEqual([null, null]);
    const whole = decided.decision.families.filter(({ family }) => family === 'batch' || family === 'class-pairs');
    expect(whole.map(({ pValue }) => pValue)).toEqual([1, 1]);
  });

  it('one shard without sources is not tested', () => {
    const [only = []] = batchOf('one', () => undefined, 1);
    const decided = judgeItself([only.map((row) => ({ ...row, source: null }))]);
    expect(decided.decision.shards[0]).toMatchObject({ verdict: 'release', pValue: null, qValue: null });
  });

  it('one shard with sources is tested by source', () => {
    const batch = batchOf('alone', (rows, _, source) =>
      source === 'dan' && isOneIn(rows, 0.9) ? rows.flipped() : undefined,
    );
    const decided = judgeItself([batch.flat()]);
    expect(subjects(decided, 'source')).toEqual(['dan']);
    expect(decided.decision.shards[0]?.pValue).toBeNull();
  });

  it('does not depend on the order of shards', () => {
    const batch = batchOf('order', (rows, shard) => (shard < 2 && isOneIn(rows, 0.25) ? rows.flipped() : undefined));
    const fitted = baselineOf(batch.flat());
    const baseline = { ...fitted, twin: fitted };
    const assessments = batch.map((rows, shard) => assessmentOf(`shard-${shard}`, rows, baseline, { isJudged: true }));
    const decided = decide(assessments, baseline, POLICY, 'monday');
    expect(decide([...assessments].reverse(), baseline, POLICY, 'monday')).toEqual(decided);
  });

  it('holds clean batches no oftener than it promises, without any tolerance', () => {
    const batches = 200;
    const policy = { falseQuarantineRate: 0.1, tolerance: 0 };
    const alarms = Array.from({ length: batches }, (_, seed) => {
      const noise = 0.02 * (seed % 5);
      const draw: Draw = (rows) =>
        isOneIn(rows, noise) ? rows.flipped() : isOneIn(rows, noise) ? rows.odd() : undefined;
      return held(judgeItself(batchOf(`clean ${seed}`, draw), policy)).length > 0;
    }).filter(Boolean).length;
    expect(alarms).toBeLessThanOrEqual(mostRejections(batches, policy.falseQuarantineRate));
  });
});
