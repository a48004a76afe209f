import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ShardAssessment, ShardRows } from '../../src/assess/index.js';
import type { Decided, RowFilter, Selection } from '../../src/decide/index.js';
import { indexItems } from '../../src/detect/index.js';
import { markRows, type ShardMarks } from '../../src/mark/index.js';
import { collect } from '../collect.js';

const CLASS_NAMES = ['cat', 'dog', 'cow'];

interface Row {
  readonly flip: number;
  readonly outlier: number;
  readonly label: number;
  readonly called: number;
  readonly source: number;
}

/** A shard of made-up evidence; a p-value below 0 stands for "not judged". */
function shardOf(path: string, rows: readonly Row[]): ShardAssessment & ShardRows {
  const judged = (p: number) => (p < 0 ? Number.NaN : p);
  const evidence = (kind: string, p: (row: Row) => number, calledClass: Int32Array) => ({
    kind,
    pValue: Float64Array.from(rows, (row) => judged(p(row))),
    anomalyScore: Float64Array.from(rows, (row) => judged(p(row)) && 1 - p(row) / 2),
    calledClass,
    ratioLevel: new Int8Array(0),
  });
  return {
    path,
    sha256: path,
    rows: rows.length,
    faults: [],
    isJudged: true,
    detectors: [
      evidence(
        'label-flip',
        ({ flip }) => flip,
        Int32Array.from(rows, ({ called }) => called),
      ),
      evidence('outlier', ({ outlier }) => outlier, new Int32Array(0)),
    ],
    labels: Int32Array.from(rows, ({ label }) => label),
    sources: ['ann', 'bob'],
    sourceOf: Int32Array.from(rows, ({ source }) => source),
    signatures: { perRow: 1, values: Float64Array.from(rows, ({ outlier }) => Math.round(1000 * outlier)) },
    judgeOf: new Uint8Array(0),
    places: Float32Array.from(rows.flatMap((_, at) => [at, -at])),
    tallies: [],
    columns: [],
    unusedColumns: [],
  };
}

async function mark(
  shards: readonly (ShardAssessment & ShardRows)[],
  selections: readonly Selection[] = [],
  withheld: Decided['withheld'] = [],
): Promise<ShardMarks[]> {
  const rowsOf = async ({ path }: ShardAssessment) => shards.find((shard) => shard.path === path)!;
  return collect(markRows({ assessments: shards, decided: { selections, withheld }, classes: CLASS_NAMES, rowsOf }));
}

const select = (kind: string, rows: number, where: RowFilter = {}, finding = `${kind}/finding`): Selection => ({
  kind,
  rows,
  where,
  finding,
});
const row = (changes: Partial<Row> = {}): Row => ({
  flip: 0.5,
  outlier: 0.5,
  label: 0,
  called: 0,
  source: -1,
  ...changes,
});
const marked = (flags: Uint8Array) => [...flags.keys()].filter((at) => flags[at] === 1);

describe('suspect rows beyond the estimate', () => {
  const some = (count: number, outlier: number) => Array.from({ length: count }, () => row({ outlier }));
  const suspectsOf = async (rows: readonly Row[], most?: number) => {
    const selection = { ...select('outlier', 5), ...(most !== undefined && { most }) };
    const [{ suspect }] = (await mark([shardOf('a', rows)], [selection])) as [ShardMarks];
    return suspect.reduce((sum, one) => sum + one, 0);
  };
  // Of 100 rows 3 in 100 of the suspect ones may be sound: 0.002 · 100 ≤ 0.03 · 7.
  const rows = [...some(8, 0.002), ...some(92, 0.5)];

  it('are those whose own p-values leave few sound ones among them', async () => {
    expect(await suspectsOf(rows, 20)).toBe(8);
  });

  it('are at most what the interval of the estimate holds', async () => {
    expect(await suspectsOf(rows, 7)).toBe(7);
    expect(await suspectsOf(rows)).toBe(5);
  });

  it('are none where sound rows look as bad', async () => {
    expect(await suspectsOf([...some(8, 0.01), ...some(92, 0.5)], 20)).toBe(5);
  });
});

describe('suspicion', () => {
  it('is one less the p-value of labels where nothing was found, and lifts the oddest rows to a tenth below', async () => {
    const [{ suspicion }] = (await mark([shardOf('a', [row({ flip: 0.2 }), row({ outlier: 0.01 }), row()])])) as [
      ShardMarks,
    ];
    [0.8, 0.891, 0.5].forEach((expected, at) => expect(suspicion[at]).toBeCloseTo(expected, 6));
  });

  it('listens to the detectors that found something, where any did', async () => {
    const shard = shardOf('a', [row({ flip: 0.2, outlier: 0.01 })]);
    const [{ suspicion }] = (await mark([shard], [select('label-flip', 0)])) as [ShardMarks];
    expect(suspicion[0]).toBeCloseTo(0.8, 6);
  });

  it('is 0 where nothing was judged', async () => {
    const shard = shardOf('a', [row({ flip: -1, outlier: -1 })]);
    const unjudged = { ...shard, path: 'b', detectors: [] };
    for (const { suspicion } of await mark([shard, unjudged])) expect([...suspicion]).toEqual([0]);
  });

  it('ranks equal p-values by score, and never past the next p-value', async () => {
    const shard = shardOf('a', [row({ flip: 0.1 }), row({ flip: 0.1 }), row({ flip: 0.0999 })]);
    shard.detectors[0]!.anomalyScore.set([0.4, 0.6, 0]);
    const [{ suspicion }] = (await mark([shard], [select('label-flip', 0)])) as [ShardMarks];
    expect(suspicion[0]).toBeLessThan(suspicion[1]!);
    expect(suspicion[1]).toBeLessThan(suspicion[2]!);
  });

  it('is halved outside every scope in which something was found', async () => {
    const rows = [row({ source: 0 }), row({ source: 1 }), row()];
    const shards = [shardOf('a', rows), shardOf('b', rows)];
    const of = async (...wheres: RowFilter[]) => {
      const marks = await mark(
        shards,
        wheres.map((where) => select('label-flip', 0, where)),
      );
      return marks.map(({ suspicion }) => Array.from(suspicion, (value) => (value > 0.4 ? 'in' : 'out')));
    };
    expect(await of({ shards: new Set(['b']) })).toEqual([
      ['out', 'out', 'out'],
      ['in', 'in', 'in'],
    ]);
    expect(await of({ sources: new Set(['ann']) })).toEqual([
      ['in', 'out', 'out'],
      ['in', 'out', 'out'],
    ]);
    expect(await of({ notShards: new Set(['b']), notSources: new Set(['ann']) })).toEqual([
      ['out', 'in', 'in'],
      ['out', 'out', 'out'],
    ]);
    expect(await of({ shards: new Set(['a']) }, { sources: new Set(['bob']) })).toEqual([
      ['in', 'in', 'in'],
      ['out', 'in', 'out'],
    ]);
    const ofClass = (label: number) => of({ shards: new Set(['a']), classes: new Set([label]), called: 1 });
    expect(await ofClass(0)).toEqual([
      ['in', 'in', 'in'],
      ['out', 'out', 'out'],
    ]);
    expect(await ofClass(2)).toEqual([
      ['out', 'out', 'out'],
      ['out', 'out', 'out'],
    ]);
  });

  describe('where trusted scores of all classes are known', () => {
    const acrossClasses = new Map([['label-flip', Float64Array.from({ length: 999 }, (_, at) => at / 999)]]);
    // By their own classes the worst rows tie.
    const rows = [row({ flip: 0.01 }), row({ flip: 0.01, label: 1 }), row({ flip: 0.5 })];
    const shard = shardOf('a', rows);
    shard.detectors[0]!.anomalyScore.set([0.9, 0.98, 0.4]);
    const decided = async (selections: readonly Selection[]) => {
      const batch = {
        assessments: [shard],
        decided: { selections, withheld: [] },
        classes: CLASS_NAMES,
        acrossClasses,
      };
      const [{ suspicion, suspect }] = (await collect(markRows({ ...batch, rowsOf: async () => shard }))) as [
        ShardMarks,
      ];
      return { suspicion: [...suspicion], suspects: marked(suspect) };
    };

    it('ranks rows among these', async () => {
      const { suspicion, suspects } = await decided([select('label-flip', 1)]);
      expect(suspicion[0]).toBeCloseTo(0.9, 2);
      expect(suspicion[1]).toBeCloseTo(0.98, 2);
      expect(suspects).toEqual([1]);
    });

    it('ranks rows among those of their own class where something was found of this class alone', async () => {
      const { suspicion, suspects } = await decided([select('label-flip', 1, { classes: new Set([0]) })]);
      expect(suspicion[0]).toBeCloseTo(0.99, 2);
      expect(suspicion[1]).toBeCloseTo(0.49, 3);
      expect(suspects).toEqual([0]);
    });

    it('elsewhere by whichever is worse where they are of this class, and among all where they are of others', async () => {
      shard.detectors[0]!.anomalyScore.set([0.9, 0.98, 0.9995]);
      const { suspicion } = await decided([select('label-flip', 1, { shards: new Set(['b']), classes: new Set([0]) })]);
      [0.495, 0.49, 0.4995].forEach((expected, at) => expect(suspicion[at]).toBeCloseTo(expected, 3));
    });
  });
});

describe('suspect rows', () => {
  it('are the worst of those that the finding speaks of, and say why', async () => {
    const shard = shardOf('a', [
      row({ flip: 0.01, label: 0, called: 1 }),
      row({ flip: 0.02, label: 1, called: 2 }),
      row({ flip: 0.03, label: 0, called: 0 }),
      row({ flip: 0.04, label: 0, called: 1 }),
    ]);
    const [{ suspect, withhold, reason }] = (await mark(
      [shard],
      [select('label-flip', 2, { classes: new Set([0]) })],
    )) as [ShardMarks];
    expect(marked(suspect)).toEqual([0, 2]);
    expect(withhold).toEqual(suspect);
    expect(reason).toEqual([
      'labelled cat, looks like dog (p = 0.010; label-flip/finding)',
      null,
      'label cat is less probable than usual (p = 0.030; label-flip/finding)',
      null,
    ]);
    const [pair] = await mark([shard], [select('label-flip', 9, { classes: new Set([0]), called: 1 })]);
    expect(marked(pair!.suspect)).toEqual([0, 3]);
    const [odd] = await mark([shardOf('a', [row({ outlier: 0.001 })])], [select('outlier', 1)]);
    expect(odd!.reason).toEqual(['out of the ordinary (p = 0.0010; outlier/finding)']);
  });

  it('keep the reason of the first finding that names them', async () => {
    const [{ reason }] = (await mark(
      [shardOf('a', [row()])],
      [select('outlier', 1, {}, 'first'), select('label-flip', 1, {}, 'second')],
      [{ finding: 'third', where: {} }],
    )) as [ShardMarks];
    expect(reason[0]).toContain('first');
  });

  it('are never rows that were not judged', async () => {
    const [{ suspect }] = (await mark([shardOf('a', [row({ flip: -1 }), row()])], [select('label-flip', 2)])) as [
      ShardMarks,
    ];
    expect(marked(suspect)).toEqual([1]);
  });
});

describe('withheld rows', () => {
  it('need not be suspect: those of a condemned source go with it, with the finding for a reason', async () => {
    const shard = shardOf('a', [row({ source: 0 }), row({ source: 1 }), row()]);
    const [{ suspect, withhold, reason }] = (await mark(
      [shard],
      [],
      [{ finding: 'source finding', where: { sources: new Set(['bob']) } }],
    )) as [ShardMarks];
    expect(marked(suspect)).toEqual([]);
    expect(marked(withhold)).toEqual([1]);
    expect(reason).toEqual([null, 'withheld by source finding', null]);
  });

  it('are all rows of a shard that could be read and not judged; one that could not be read has no rows', async () => {
    const unjudged = { ...shardOf('b', [row(), row()]), detectors: [] };
    const unread = { ...shardOf('a', []), rows: null };
    const [only, ...none] = await mark(
      [unjudged, unread],
      [],
      [{ finding: 'schema/shard/b', where: { shards: new Set(['b']) } }],
    );
    expect(none).toEqual([]);
    expect(only).toMatchObject({ shard: 'b', rows: 2, withhold: Uint8Array.of(1, 1) });
  });
});

const pValue = fc.oneof(
  fc.constant(-1),
  fc.integer({ min: 1, max: 20 }).map((p) => p / 20),
);
const anyRow = fc.record({
  flip: pValue,
  outlier: pValue,
  label: fc.integer({ min: -1, max: 2 }),
  called: fc.nat(2),
  source: fc.integer({ min: -1, max: 1 }),
});
const someOf = <T>(...values: T[]) => fc.subarray(values).map((chosen) => new Set(chosen));
const anyWhere: fc.Arbitrary<RowFilter> = fc.record(
  {
    shards: someOf('a', 'b'),
    notShards: someOf('a', 'b'),
    sources: someOf('ann', 'bob'),
    notSources: someOf('ann', 'bob'),
    classes: someOf(0, 1, 2),
    called: fc.nat(2),
  },
  { requiredKeys: [] },
);
const anySelection = fc.record({
  kind: fc.constantFrom('label-flip', 'outlier'),
  rows: fc.nat(9),
  where: anyWhere,
  finding: fc.constantFrom('f1', 'f2'),
});

describe('carriers of an item', () => {
  it('are suspects all, wherever their scores stand, and no other row becomes one', async () => {
    const shards = [shardOf('a', [row({ outlier: 0.9 }), row()]), shardOf('b', [row(), row({ outlier: 0.9 })])];
    const where = { shards: new Set(['a', 'b']), carries: indexItems([[900]]) };
    const flood = { ...select('duplicate-flood', 2, where), pValue: 1e-5 };
    const marks = await mark(shards, [flood]);
    expect(marks.map(({ suspect }) => [...suspect])).toEqual([
      [1, 0],
      [0, 1],
    ]);
    const [a] = marks;
    expect(a?.suspicion[0]).toBeGreaterThan(0.999);
    expect(a?.suspicion[1]).toBeLessThan(0.5);
    expect(a?.reason[0]).toBe('one of 2 copies (p = 0.000010; duplicate-flood/finding)');
  });
});

describe('marks of any batch', () => {
  it('keep their promises', async () => {
    const anyBatch = fc.tuple(fc.array(anyRow, { maxLength: 12 }), fc.array(anyRow, { maxLength: 12 }));
    const anyWithheld = fc.array(fc.record({ finding: fc.constant('held'), where: anyWhere }), { maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(
        anyBatch,
        fc.array(anySelection, { maxLength: 3 }),
        anyWithheld,
        async ([a, b], selections, withheld) => {
          const shards = [shardOf('b', b), shardOf('a', a)];
          const marks = await mark(shards, selections, withheld);
          expect(marks.map(({ shard, rows }) => [shard, rows])).toEqual([
            ['a', a.length],
            ['b', b.length],
          ]);
          expect(await mark([...shards].reverse(), selections, withheld)).toEqual(marks);
          for (const { suspicion, suspect, withhold, reason, rows } of marks) {
            for (let at = 0; at < rows; at++) {
              expect(suspicion[at]! >= 0 && suspicion[at]! <= 1).toBe(true);
              expect(withhold[at]).toBeGreaterThanOrEqual(suspect[at]!);
              expect(reason[at] !== null).toBe(withhold[at] === 1);
            }
          }
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });

  it('of one finding are as many as it estimates, as far as there are rows, and none is worse among the others', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRow, { maxLength: 20 }),
        anySelection,
        async (rows, { kind, rows: count, where }) => {
          const [{ suspect }] = (await mark([shardOf('a', rows)], [select(kind, count, where)])) as [ShardMarks];
          const [{ suspect: everyone }] = (await mark([shardOf('a', rows)], [select(kind, rows.length, where)])) as [
            ShardMarks,
          ];
          const chosen = marked(suspect);
          expect(chosen).toHaveLength(Math.min(count, marked(everyone).length));
          const p = (at: number) => (kind === 'outlier' ? rows[at]!.outlier : rows[at]!.flip);
          const worstLeft = Math.min(
            ...marked(everyone)
              .filter((at) => suspect[at] === 0)
              .map(p),
          );
          for (const at of chosen) expect(p(at)).toBeLessThanOrEqual(worstLeft);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });
});
