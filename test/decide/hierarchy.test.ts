import { beforeAll, describe, expect, it } from 'vitest';
import { MIN_BLOCKS } from '../../src/baseline/index.js';
import { type Decided, decide, type Policy, testHierarchy } from '../../src/decide/index.js';
import { referencesOfSources } from '../../src/decide/reference.js';
import { defaultShardLimits } from '../../src/schema/index.js';
import { assessmentOf, type BatchRow, baselineOf, Rows } from './batches.js';
import { mostRejections } from './bounds.js';

const POLICY: Policy = { mode: 'enforce', falseQuarantineRate: 0.01, tolerance: 0, limits: defaultShardLimits };

describe('clean batches, without tolerance: the tests alone hold the rate', () => {
  const RESAMPLES = 400;
  let decided: Decided[];
  // Each batch against its own trusted rows.
  beforeAll(() => {
    decided = Array.from({ length: RESAMPLES }, (_, i) => {
      const rows = new Rows(`clean ${i}`);
      const baseline = baselineOf(rows.many(300));
      const assessments = [0, 1, 2, 3].map((shard) =>
        assessmentOf(
          `${shard}.csv`,
          rows.many(40, (row) => rows.sound(row % 3 === 0 ? 'ann' : 'ben')),
          baseline,
        ),
      );
      return decide(assessments, baseline, POLICY, 'batch');
    });
  });

  it('one in a hundred is held, at most', () => {
    const held = decided.filter(({ decision }) => decision.verdict === 'quarantine').length;
    expect(held).toBeLessThanOrEqual(mostRejections(RESAMPLES, 0.01));
  });

  it.each(['batch', 'shards', 'sources', 'class-pairs', 'items'])('family %s keeps its level', (name) => {
    const pValues = decided.map(({ decision }) => decision.families.find(({ family }) => family === name)!.pValue);
    for (const level of [0.1, 0.05, 0.01])
      expect(pValues.filter((p) => p <= level).length).toBeLessThanOrEqual(mostRejections(RESAMPLES, level));
  });

  it('the gate keeps every rate', () => {
    const least = decided.map(({ decision }) => Math.min(...decision.families.map(({ pValue }) => pValue)));
    for (const rate of [0.5, 0.1, 0.05])
      expect(least.filter((p) => p <= rate / 5).length).toBeLessThanOrEqual(mostRejections(RESAMPLES, rate));
  });
});

describe('outcomes', () => {
  const rows = new Rows('outcomes');
  const baseline = baselineOf(rows.many(900));
  const shardOf = (path: string, flips: number, source: string | null = null) =>
    assessmentOf(
      path,
      rows.many(90, (row) => (row < flips ? rows.flipped(source) : rows.sound(source))),
      baseline,
    );
  const test = (assessments: Parameters<typeof testHierarchy>[0]) =>
    testHierarchy(assessments, baseline, POLICY, 'seed');

  it('a batch is the sum of its shards, a source of its rows', () => {
    const { batch, shards, sources } = test([shardOf('a', 0, 'ann'), shardOf('b', 0, 'ben'), shardOf('c', 0, 'ann')]);
    expect(batch.rows).toBe(270);
    expect(shards.map((shard) => [shard.subject, shard.rows])).toEqual([
      ['a', 90],
      ['b', 90],
      ['c', 90],
    ]);
    expect(sources.map((source) => [source.subject, source.rows])).toEqual([
      ['ann', 180],
      ['ben', 90],
    ]);
  });

  it('a shard is tested by class as well, sources and batches are not', () => {
    const { batch, shards, sources } = test([shardOf('a', 0, 'ann')]);
    const tests = (scope: typeof batch) => scope.trials.map(({ kind, test: name }) => `${kind} ${name}`);
    const pooled = ['label-flip tail-count', 'label-flip likelihood-ratio', 'outlier tail-count'];
    expect(tests(batch)).toEqual(pooled);
    expect(tests(sources[0]!)).toEqual(pooled);
    expect(tests(shards[0]!)).toEqual([...pooled.slice(0, 2), 'label-flip class-cells', pooled[2]]);
    expect(shards[0]!.trials[2]!.cells.map(({ stratum }) => stratum)).toEqual([0, 1, 2]);
  });

  describe('a source', () => {
    const few = new Rows('few trusted');
    const trusted = baselineOf(few.many(150));
    const sources = ['ann', 'ben', 'cleo', 'dora', 'ed'];
    const mixed = assessmentOf(
      'mixed',
      few.many(2500, (row) => {
        const source = sources[row % 5]!;
        return source === 'cleo' && row % 12 === 0 ? few.flipped(source) : few.sound(source);
      }),
      trusted,
    );

    it('is compared with the rest of its batch as well, which tells more than few trusted rows', () => {
      const { sources: tested } = testHierarchy([mixed], trusted, POLICY, 'seed');
      expect(tested.filter(({ rejected }) => rejected).map(({ subject }) => subject)).toEqual(['cleo']);
      expect(tested.find(({ subject }) => subject === 'cleo')?.against.isRest).toBe(true);
      const { findings } = decide([mixed], trusted, POLICY, 'batch').decision;
      expect(findings.map(({ evidence }) => evidence.summary).join(' ')).toContain('what the rest of the batch shows');
    });

    it('is compared with trusted rows alone where it is the only one, or blocks tell how much parts differ', () => {
      const [detector] = trusted.detectors;
      const blocks = Array.from({ length: MIN_BLOCKS }, () => detector!.calibrations[0]) as never;
      const many = { ...trusted, detectors: trusted.detectors.map((one) => ({ ...one, blocks })) };
      const all = { rows: 2500, perDetector: mixed.tallies[0]!.perDetector };
      expect(referencesOfSources(trusted, all, 5)).toHaveLength(2);
      expect(referencesOfSources(trusted, all, 1)).toHaveLength(1);
      expect(referencesOfSources(many, all, 5)).toHaveLength(1);
    });
  });

  it("a scope's p-value pays for all its tests", () => {
    const { batch, shards } = test([shardOf('a', 30)]);
    for (const { trials, pValue } of [batch, ...shards])
      expect(pValue).toBeCloseTo(Math.min(1, trials.length * Math.min(...trials.map((trial) => trial.pValue))), 12);
  });

  it('a sorted batch, whose naturally odd rows all come in one shard, is not rejected for it', () => {
    const shares = (count: number) => Array.from({ length: count }, (_, row) => (row + 0.5) / count);
    const trusted = shares(900).map((oddness) => ({ ...rows.sound(), oddness }));
    const sorted = shares(900).map((oddness) => ({ ...rows.sound(), oddness }));
    const among = baselineOf(trusted);
    const cut = (from: number) => assessmentOf(`${from}`, sorted.slice(from, from + 90), among);
    const paths = Array.from({ length: 10 }, (_, shard) => 90 * shard);
    const { shards } = testHierarchy(paths.map(cut), among, POLICY, 'seed');
    const tailOf = ({ trials }: (typeof shards)[number]) => trials.find(({ kind }) => kind === 'outlier')?.pValue;
    expect(shards.map(tailOf).every((pValue) => pValue === 1)).toBe(true);
    // A shard with more odd rows than the whole batch may have is.
    const odd = assessmentOf(
      'odd',
      rows.many(90, (row) => (row < 40 ? { ...rows.sound(), oddness: 1 } : rows.sound())),
      among,
    );
    const found = testHierarchy([...paths.slice(1).map(cut), odd], among, POLICY, 'seed');
    expect(found.shards.find(({ subject }) => subject === 'odd')?.rejected).toBe(true);
  });

  describe('a batch sorted by what says how sure a model is', () => {
    // Of half of the rows the model knows next to nothing.
    const share = 0.5;
    const doubtful = (): BatchRow => {
      const called = rows.random() < 0.9 ? 0 : 1;
      const isWrong = rows.random() < 0.4;
      const label = isWrong ? 1 - called : called;
      return { source: null, label, margin: isWrong ? -0.7 : 0.9, other: 1 - label, oddness: 0.5 };
    };
    const clear = (): BatchRow => {
      const label = rows.random() < 0.3 ? 0 : 1;
      return { source: null, label, margin: 4.9, other: 1 - label, oddness: 0.5 };
    };
    const draw = (count: number) => rows.many(count, (row) => (row < share * count ? doubtful() : clear()));
    const trusted = baselineOf(draw(1500));
    const shardsOf = (batch: readonly BatchRow[]) =>
      Array.from({ length: 10 }, (_, shard) =>
        assessmentOf(`${shard}`, batch.slice(150 * shard, 150 * (shard + 1)), trusted),
      );
    const leastP = (assessments: ReturnType<typeof shardsOf>, shard: number) => {
      const { shards } = testHierarchy(assessments, trusted, POLICY, 'seed');
      return shards.find(({ subject }) => subject === `${shard}`)?.pValue ?? Number.NaN;
    };

    it('is not held for the shards that its doubtful rows come in', () => {
      const { gate } = testHierarchy(shardsOf(draw(1500)), trusted, { ...POLICY, tolerance: 0.005 }, 'seed');
      expect(gate).toBe(false);
    });

    it('is held for a shard with more wrong labels than the whole batch may have', () => {
      const batch = draw(1500).map((row, at) =>
        at >= 1350 && at % 2 === 0 ? { ...row, label: row.other, margin: -4.9, other: row.label } : row,
      );
      expect(leastP(shardsOf(batch), 9)).toBeLessThan(1e-6);
    });

    it('counts for each shard by itself where rows come in any order', () => {
      const order = draw(1500).map((row) => ({ row, at: rows.random() }));
      const mixed = order.sort((a, b) => a.at - b.at).map(({ row }) => row);
      // Fewer than nature lets be wrong in the whole batch, all in one shard.
      const worse = mixed.map((row, at) =>
        at < 150 && at % 3 === 0 ? { ...row, label: row.other, other: row.label, margin: -row.margin } : row,
      );
      expect(leastP(shardsOf(worse), 0)).toBeLessThan(1e-6);
    });
  });

  it('without sources there is no family of them', () => {
    const { sources, families } = test([shardOf('a', 0), shardOf('b', 0)]);
    expect(sources).toEqual([]);
    expect(families.find(({ family }) => family === 'sources')).toMatchObject({ pValue: 1, rejected: false });
  });

  it('nothing judged is no evidence', () => {
    const { families, gate, batch } = test([{ ...shardOf('a', 90), isJudged: false, tallies: [] }]);
    expect(families.map(({ pValue }) => pValue)).toEqual([1, 1, 1, 1, 1]);
    expect({ gate, isRejected: batch.rejected, rows: batch.rows }).toEqual({ gate: false, isRejected: false, rows: 0 });
  });

  it('the remainder is what is not condemned', () => {
    const { remainder, gate, shards } = test([shardOf('a', 60), shardOf('b', 0), shardOf('c', 0)]);
    expect(gate).toBe(true);
    expect(shards.map(({ rejected }) => rejected)).toEqual([true, false, false]);
    expect(remainder).toMatchObject({ rows: 180, rejected: false });
  });

  it('when everything is condemned nothing remains to be rejected', () => {
    const { remainder } = test([shardOf('a', 60), shardOf('b', 60)]);
    expect(remainder).toMatchObject({ rows: 0, rejected: false });
  });

  it('no remainder without a gate, or when no scope is condemned', () => {
    expect(test([shardOf('a', 0), shardOf('b', 0)]).remainder).toBeUndefined();
  });
});
