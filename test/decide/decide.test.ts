import { describe, expect, it } from 'vitest';
import type { ShardAssessment } from '../../src/assess/index.js';
import type { Baseline } from '../../src/baseline/index.js';
import { type Decided, decide, type Policy } from '../../src/decide/index.js';
import { defaultShardLimits } from '../../src/schema/index.js';
import { assessmentOf, type BatchRow, baselineOf, Rows, unreadable } from './batches.js';

const POLICY: Policy = { mode: 'enforce', falseQuarantineRate: 0.01, tolerance: 0.005, limits: defaultShardLimits };
const SOURCES = ['ann', 'ben', 'cleo', 'dan'];
const SHARDS = 10;
const ROWS = 120;

const pathOf = (shard: number) => `shard-${shard}.csv`;
const baseline = baselineOf(new Rows('trusted').many(1500));

type Draw = (rows: Rows, shard: number, row: number, source: string) => BatchRow | undefined;

/** Ten shards of 120 rows, from nobody in particular or four sources; `draw` says which rows are not sound. */
function batchOf(seed: string, draw: Draw, hasSources = false): ShardAssessment[] {
  const rows = new Rows(seed);
  return Array.from({ length: SHARDS }, (_, shard) => {
    const drawn = rows.many(ROWS, (row) => {
      const source = SOURCES[row % SOURCES.length]!;
      const one = draw(rows, shard, row, source) ?? rows.sound();
      return { ...one, source: hasSources ? source : null };
    });
    return assessmentOf(pathOf(shard), drawn, baseline);
  });
}

function judge(assessments: readonly ShardAssessment[], policy: Partial<Policy> = {}, against: Baseline = baseline) {
  return decide(assessments, against, { ...POLICY, ...policy }, 'monday');
}

const held = ({ decision }: Decided) =>
  decision.shards.filter(({ verdict }) => verdict === 'quarantine').map(({ path }) => path);
const subjects = ({ decision }: Decided, scope: string) =>
  decision.findings.filter((finding) => finding.scope === scope).map(({ subject }) => subject);

const clean = batchOf('clean', () => undefined, true);
const twoBadShards = batchOf('two', (rows, shard, row) =>
  (shard === 3 || shard === 7) && row % 3 === 0 ? rows.flipped() : undefined,
);
const oddShard = batchOf('odd', (rows, shard, row) => (shard === 5 && row % 4 === 0 ? rows.odd() : undefined));
const badSource = batchOf(
  'source',
  (rows, _, row, source) => (source === 'cleo' && row % 8 < 4 ? rows.flipped() : undefined),
  true,
);
const badPair = batchOf('pair', (rows, shard, row) => (shard === 2 && row % 3 === 0 ? rows.confused(0, 2) : undefined));
const spread = batchOf('spread', (rows, _, row) => (row % 30 === 0 ? rows.flipped() : undefined));
const spreadAndShard = batchOf('both', (rows, shard, row) =>
  (shard === 1 && row % 2 === 0) || row % 30 === 0 ? rows.flipped() : undefined,
);
/** Two shards of many odd rows, and one in each of the others: too few to hold them. */
const unevenly = batchOf('unevenly', (rows, shard, row) =>
  (shard < 2 && row % 8 === 0) || row === 60 ? rows.odd() : undefined,
);
const batches = { clean, twoBadShards, oddShard, badSource, badPair, spread, spreadAndShard, unevenly };
const decisions = new Map(Object.values(batches).map((batch) => [batch, judge(batch)]));
const decisionOn = (batch: readonly ShardAssessment[]) => decisions.get(batch as ShardAssessment[])!;

describe('a clean batch', () => {
  const decided = decisionOn(clean);

  it('is released without a finding', () => {
    expect(decided.decision).toMatchObject({ verdict: 'release', released: true, findings: [], mode: 'enforce' });
    expect(held(decided)).toEqual([]);
    expect(decided.selections).toEqual([]);
    expect(decided.withheld).toEqual([]);
  });

  it('has its shards and sources tested all the same', () => {
    for (const { pValue, qValue } of [...decided.decision.shards, ...decided.decision.sources]) {
      expect(pValue).toBeGreaterThan(0.002);
      expect(qValue).toBeGreaterThanOrEqual(pValue!);
    }
    expect(decided.decision.sources.map(({ name, rows, condemned }) => ({ name, rows, condemned }))).toEqual(
      SOURCES.map((name) => ({ name, rows: (SHARDS * ROWS) / SOURCES.length, condemned: false })),
    );
  });
});

describe('poison is held where it is', () => {
  it('two shards of flipped labels', () => {
    const decided = decisionOn(twoBadShards);
    expect(held(decided)).toEqual(['shard-3.csv', 'shard-7.csv']);
    expect(subjects(decided, 'shard')).toEqual(['shard-3.csv', 'shard-7.csv']);
    expect(subjects(decided, 'source')).toEqual([]);
    expect(decided.decision).toMatchObject({ verdict: 'quarantine', released: false });
    for (const { path, verdict, released, findings, qValue } of decided.decision.shards) {
      expect({ path, released, isNamed: findings.length > 0, isRejected: qValue! <= 0.002 }).toEqual({
        path,
        released: verdict === 'release',
        isNamed: verdict === 'quarantine',
        isRejected: verdict === 'quarantine',
      });
    }
  });

  it('a shard of outliers', () => {
    const decided = decisionOn(oddShard);
    expect(held(decided)).toEqual(['shard-5.csv']);
    expect(decided.decision.findings.every(({ kind }) => kind === 'outlier')).toBe(true);
    const [selection] = decided.selections;
    expect(selection).toMatchObject({ kind: 'outlier', where: { shards: new Set(['shard-5.csv']) } });
    expect(Math.abs(selection!.rows - 30)).toBeLessThan(8);
  });

  it('a source: condemned, its rows withheld, every shard with them held', () => {
    const decided = decisionOn(badSource);
    expect(decided.decision.sources.filter(({ condemned }) => condemned).map(({ name }) => name)).toEqual(['cleo']);
    expect(subjects(decided, 'source')).toEqual(['cleo']);
    expect(held(decided)).toHaveLength(SHARDS);
    expect(decided.withheld).toContainEqual({
      finding: 'label-flip/source/cleo',
      where: { sources: new Set(['cleo']) },
    });
    for (const { findings } of decided.decision.shards) expect(findings).toContain('label-flip/source/cleo');
  });

  it('shards without a condemned source are released', () => {
    const rows = new Rows('fresh');
    const fresh = assessmentOf(
      'fresh.csv',
      rows.many(ROWS, () => rows.sound('ann')),
      baseline,
    );
    expect(held(judge([...badSource, fresh]))).toEqual(badSource.map(({ path }) => path));
  });

  it('a pair of classes, by name', () => {
    const decided = decisionOn(badPair);
    expect(subjects(decided, 'class-pair')).toEqual(['cat → fox']);
    expect(held(decided)).toEqual(['shard-2.csv']);
    const selection = decided.selections.find(({ finding }) => finding === 'label-flip/class-pair/cat → fox');
    expect(selection?.where).toEqual({ classes: new Set([0]), called: 2, shards: new Set(['shard-2.csv']) });
    expect(subjects(decided, 'shard-class')).toContain('shard-2.csv: cat');
  });

  it('what is spread over the batch holds all of it', () => {
    const decided = decisionOn(spread);
    expect(held(decided)).toHaveLength(SHARDS);
    expect([...subjects(decided, 'batch'), ...subjects(decided, 'remainder')]).toContain('monday');
    expect(decided.withheld.length).toBeGreaterThan(0);
  });

  it('what is left beside a bad shard is judged by itself', () => {
    const decided = decisionOn(spreadAndShard);
    expect(subjects(decided, 'shard')).toContain('shard-1.csv');
    expect(subjects(decided, 'remainder')).toEqual(['monday']);
    expect(held(decided)).toHaveLength(SHARDS);
    const rest = decided.withheld.find(({ finding }) => finding.includes('/remainder/'));
    expect(rest?.where.notShards?.has('shard-1.csv')).toBe(true);
  });
});

describe('rows that the whole batch has too many of', () => {
  const rest = ({ selections }: Decided) => selections.filter(({ finding }) => finding === 'outlier/batch/monday');

  it('are pointed at beyond the shards that are held for them', () => {
    const decided = decisionOn(unevenly);
    expect(held(decided)).toEqual(['shard-0.csv', 'shard-1.csv']);
    const [selection, ...others] = rest(decided);
    expect(others).toEqual([]);
    expect(selection?.where).toEqual({
      notShards: new Set(['shard-0.csv', 'shard-1.csv']),
      notSources: new Set(),
    });
    expect(selection?.isReleased).toBe(true);
    expect(Math.abs((selection?.rows ?? 0) - (SHARDS - 2))).toBeLessThan(4);
  });

  it('are not where the rest of the batch has none', () => {
    expect(held(decisionOn(oddShard))).toEqual(['shard-5.csv']);
    expect(rest(decisionOn(oddShard))).toEqual([]);
  });
});

describe('a shard whose labels nobody can judge beside one of flipped labels', () => {
  it('keeps no finding of the batch from being told', () => {
    const rows = new Rows('unlabelled');
    const flipped = assessmentOf(
      'a.csv',
      rows.many(600, (row) => (row % 3 === 0 ? rows.flipped() : rows.sound())),
      baseline,
    );
    const unlabelled = assessmentOf(
      'b.csv',
      rows.many(ROWS, () => ({ ...rows.sound(), label: -1 })),
      baseline,
    );
    const decided = judge([flipped, unlabelled]);
    expect(subjects(decided, 'batch')).toEqual(['monday']);
    expect(held(decided)).toEqual(['a.csv']);
  });
});

describe('what cannot be judged', () => {
  const schemaFault = { kind: 'schema', summary: 'column a is missing', numbers: {}, holds: true } as const;
  const advice = {
    kind: 'schema',
    summary: '3 rows have an unknown label',
    numbers: { rows: 3 },
    holds: false,
  } as const;

  it('is quarantined, the rest goes on', () => {
    const decided = judge([...clean, unreadable('torn.csv')]);
    expect(held(decided)).toEqual(['torn.csv']);
    expect(decided.decision.shards.at(-1)).toEqual({
      path: 'torn.csv',
      verdict: 'quarantine',
      released: false,
      pValue: null,
      qValue: null,
      findings: ['integrity/shard/torn.csv'],
    });
    expect(decided.withheld).toEqual([
      { finding: 'integrity/shard/torn.csv', where: { shards: new Set(['torn.csv']) } },
    ]);
    const [finding] = decided.decision.findings;
    expect(finding).toMatchObject({ kind: 'integrity', pValue: null, excessRows: null, holds: true });
    expect(finding?.evidence.summary).toContain('the file ends too early');
  });

  it('says so when it is everything', () => {
    const decided = judge([unreadable('a.csv'), unreadable('b.csv')]);
    expect(held(decided)).toEqual(['a.csv', 'b.csv']);
    expect(decided.decision.findings.map(({ kind }) => kind)).toEqual(['integrity', 'integrity']);
    expect(decided.decision.families.every(({ pValue, rejected }) => pValue === 1 && !rejected)).toBe(true);
  });

  it('an empty shard is released with nothing tested', () => {
    const decided = judge([...clean, assessmentOf('void.csv', [], baseline)]);
    expect(decided.decision.shards.at(-1)).toMatchObject({ verdict: 'release', pValue: null, qValue: null });
    const alone = judge([assessmentOf('void.csv', [], baseline)]);
    expect(alone.decision).toMatchObject({ verdict: 'release', released: true, findings: [] });
  });

  it('a breach of the schema holds, advice does not', () => {
    const [first, second, ...others] = clean;
    const decided = judge([
      { ...first!, faults: [advice] },
      { ...second!, faults: [schemaFault, schemaFault] },
      ...others,
    ]);
    expect(held(decided)).toEqual(['shard-1.csv']);
    expect(decided.decision.shards[0]).toMatchObject({ released: true, findings: ['schema/shard/shard-0.csv'] });
    expect(decided.decision.findings.map(({ id, holds }) => [id, holds])).toEqual([
      ['schema/shard/shard-1.csv', true],
      ['schema/shard-2/shard-1.csv', true],
      ['schema/shard/shard-0.csv', false],
    ]);
  });

  it('rows of unknown labels are judged as outliers only', () => {
    const rows = new Rows('unknown');
    const shard = assessmentOf(
      'new.csv',
      rows.many(60, () => ({ ...rows.sound(), label: -1 })),
      baseline,
    );
    expect(shard.tallies[0]!.perDetector.map((tally) => tally.rows.reduce((a, b) => a + b))).toEqual([0, 60]);
    const decided = judge([...clean, shard]);
    expect(held(decided)).toEqual([]);
    expect(decided.decision.shards.find(({ path }) => path === 'new.csv')!.pValue).toBeGreaterThan(0.002);
  });
});

describe('observing', () => {
  it.each(Object.entries(batches))('%s: says what enforcing would do, and releases', (_, batch) => {
    const [observed, enforced] = [judge(batch, { mode: 'observe' }), decisionOn(batch)];
    expect(held(observed)).toEqual(held(enforced));
    expect(observed.decision.findings).toEqual(enforced.decision.findings);
    expect(observed.decision).toMatchObject({ verdict: enforced.decision.verdict, released: true, mode: 'observe' });
    expect(observed.decision.shards.every(({ released }) => released)).toBe(true);
  });

  it('holds what cannot be read', () => {
    const { decision } = judge([...twoBadShards, unreadable('torn.csv')], { mode: 'observe' });
    expect(decision.released).toBe(false);
    expect(decision.shards.filter(({ released }) => !released).map(({ path }) => path)).toEqual(['torn.csv']);
  });
});

describe('every decision', () => {
  it.each(Object.entries(batches))('%s: does not depend on the order of shards', (_, batch) => {
    const shuffled = [...batch.slice(4), ...batch.slice(0, 4)].reverse();
    expect(judge(shuffled)).toEqual(decisionOn(batch));
    expect(JSON.stringify(judge(shuffled).decision)).toBe(JSON.stringify(decisionOn(batch).decision));
  });

  it.each(Object.entries(batches))('%s: names each finding once, and only findings there are', (_, batch) => {
    const { decision, selections, withheld } = judge([...batch, unreadable('torn.csv')]);
    const ids = decision.findings.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const named = [
      ...decision.shards.flatMap(({ findings }) => findings),
      ...selections.map(({ finding }) => finding),
      ...withheld.map(({ finding }) => finding),
    ];
    expect(named.filter((id) => !ids.includes(id))).toEqual([]);
    for (const { verdict, findings } of decision.shards) expect(findings.length > 0).toBe(verdict === 'quarantine');
  });

  it.each(Object.entries(batches))('%s: five families, each at a fifth of the rate', (_, batch) => {
    const { families, findings } = decisionOn(batch).decision;
    expect(families.map(({ family }) => family)).toEqual(['batch', 'shards', 'sources', 'class-pairs', 'items']);
    for (const { level, pValue, rejected } of families) {
      expect(level).toBeCloseTo(0.002, 12);
      expect(rejected).toBe(pValue <= level);
    }
    expect(families.some(({ rejected }) => rejected)).toBe(findings.length > 0);
  });

  it.each(Object.entries(batches))('%s: estimates rows between one and all', (_, batch) => {
    for (const { excessRows, evidence, scope, pValue } of decisionOn(batch).decision.findings) {
      const { estimate, low, high } = excessRows!;
      const rows = evidence.numbers['rows'] as number;
      expect({
        scope,
        isOrdered: 1 <= estimate && 0 <= low && low <= estimate && estimate <= high && high <= rows,
      }).toEqual({
        scope,
        isOrdered: true,
      });
      expect(pValue).toBeGreaterThanOrEqual(0);
      expect(pValue).toBeLessThanOrEqual(1);
    }
  });
});

it('tolerance keeps what is tolerated from being held', () => {
  expect(held(judge(spread, { tolerance: 0.2 }))).toEqual([]);
});

it('two bad shards do not condemn the sources that are mixed into them', () => {
  const mixed = batchOf(
    'two',
    (rows, shard, row) => ((shard === 3 || shard === 7) && row % 3 === 0 ? rows.flipped() : undefined),
    true,
  );
  const decided = judge(mixed);
  expect(held(decided)).toEqual(['shard-3.csv', 'shard-7.csv']);
  expect(subjects(decided, 'source')).toEqual([]);
});

it('a bad source is named, and no shard for carrying its rows', () => {
  const decided = decisionOn(badSource);
  expect(subjects(decided, 'source')).toEqual(['cleo']);
  expect(subjects(decided, 'shard')).toEqual([]);
});

it('a stricter rate holds less', () => {
  const mild = batchOf('mild', (rows, shard, row) => (shard === 3 && row % 12 === 0 ? rows.flipped() : undefined));
  const rates = [0.5, 0.1, 0.01, 1e-4, 1e-9].map((falseQuarantineRate) => held(judge(mild, { falseQuarantineRate })));
  expect(rates[0]).toContain('shard-3.csv');
  expect(rates.at(-1)).toEqual([]);
});
