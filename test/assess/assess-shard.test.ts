import { Int64, makeData, Null, type Table, Vector, vectorFromArray } from 'apache-arrow';
import { beforeAll, describe, expect, it } from 'vitest';
import { assessShard, type ShardAssessment, type ShardRows } from '../../src/assess/index.js';
import type { Baseline } from '../../src/baseline/index.js';
import { emptyTally, mergeTally } from '../../src/detect/index.js';
import type { NamedColumns } from '../../src/encode/index.js';
import { startBackend } from '../../src/linear/index.js';
import { fitOn, labelled } from '../baseline/trusted.js';
import { numberRows, type Population, pickRows } from '../detect/populations.js';
import { lists, numbers, strings, tableOf } from '../encode/tables.js';

const ROWS = 60;
const shard = numberRows(ROWS, 'shard');
let baseline: Baseline;

beforeAll(async () => {
  await startBackend('wasm');
  baseline = fitOn(labelled(numberRows(240, 'trusted'), { annotator: (row) => `ann ${row % 3}` }));
});

function assessed(table: Table, named: Partial<NamedColumns> = {}, by = baseline): ShardAssessment & ShardRows {
  const columns = { ids: [], ...named };
  const { assessment, rows } = assessShard({ path: 'shard', sha256: 'digest', table }, { baseline: by, columns });
  return { ...assessment, ...rows };
}

/** The columns of a table, with some put in their place or, where null, taken away. */
function changed(table: Table, changes: Record<string, Vector | null>): Table {
  const columns = Object.fromEntries(table.schema.fields.map(({ name }) => [name, table.getChild(name)!]));
  const kept = Object.entries({ ...columns, ...changes }).filter(
    (entry): entry is [string, Vector] => entry[1] !== null,
  );
  return tableOf(Object.fromEntries(kept));
}

const nulls = (length: number) => new Vector([makeData({ type: new Null(), length })]);
const repeated = <T>(cell: T) => new Array<T>(ROWS).fill(cell);

describe('a sound shard', () => {
  it('has a score and a p-value for every row and detector, and no faults', () => {
    const assessment = assessed(labelled(shard));
    expect(assessment).toMatchObject({ path: 'shard', sha256: 'digest', rows: ROWS, faults: [], unusedColumns: [] });
    expect(assessment.detectors.map(({ kind }) => kind)).toEqual(['label-flip', 'outlier']);
    for (const { anomalyScore, pValue } of assessment.detectors) {
      expect(anomalyScore).toHaveLength(ROWS);
      pValue.forEach((p, row) =>
        expect(Number.isNaN(p) ? Number.isNaN(anomalyScore[row]) : p > 0 && p <= 1).toBe(true),
      );
    }
    expect(assessment.labels).toEqual(shard.labels);
  });

  it('may have its columns in any order, as other types of number, and more of them', () => {
    const table = labelled(shard);
    const expected = assessed(table);
    const names = table.schema.fields.map(({ name }) => name).reverse();
    const turned = tableOf(Object.fromEntries(names.map((name) => [name, table.getChild(name)!])));
    expect(assessed(turned)).toEqual({ ...expected, columns: names });
    const more = assessed(
      changed(table, { novelty: numbers(repeated(1)), uuid: numbers(repeated(2)), mine: numbers(repeated(3)) }),
      { ids: ['mine'] },
    );
    expect(more).toEqual({ ...expected, columns: more.columns, unusedColumns: ['novelty'] });
  });

  it('may have one row or none', () => {
    const whole = assessed(labelled(shard));
    const one = assessed(labelled(pickRows(shard, [7])));
    one.detectors.forEach(({ pValue }, index) => expect(pValue[0]).toBe(whole.detectors[index]!.pValue[7]));
    const none = assessed(labelled(shard).slice(0, 0));
    expect(none).toMatchObject({ rows: 0, faults: [], tallies: [] });
  });

  it('may have a feature that is all null: its rows are judged by what is left', () => {
    const assessment = assessed(changed(labelled(shard), { n3: nulls(ROWS) }));
    expect(assessment.detectors[1]!.pValue.some(Number.isNaN)).toBe(false);
    expect(assessment.faults).toMatchObject([{ kind: 'schema', numbers: { columns: 1 }, holds: false }]);
    expect(assessment.faults[0]!.summary).toContain('no value in n3 (100 %), where every trusted row has one');
  });

  it('is told of columns that lack more values than chance takes from trusted rows', () => {
    const without = (lacking: number) =>
      numbers(Array.from({ length: ROWS }, (_, row) => (row < lacking ? null : row / ROWS)));
    expect(assessed(changed(labelled(shard), { n3: without(1) })).faults).toEqual([]);
    expect(assessed(changed(labelled(shard), { n3: without(40), n2: without(50) })).faults).toMatchObject([
      { numbers: { columns: 2 }, holds: false },
    ]);
  });

  it('is not asked what label a row far from all trusted ones should have', () => {
    const [n0, n1] = [200, -200].map((cell) =>
      numbers(Array.from({ length: ROWS }, (_, row) => (row === 5 ? cell : 0))),
    );
    const [labelFlip, outlier] = assessed(changed(labelled(shard), { n0: n0!, n1: n1! })).detectors;
    expect(outlier!.pValue[5]).toBe(1 / 241);
    expect([labelFlip!.anomalyScore[5], labelFlip!.pValue[5]]).toEqual([Number.NaN, Number.NaN]);
  });
});

describe('a shard that breaks the schema', () => {
  const words = strings(repeated('a word'));

  it.each([
    ['lacks a feature', { n2: null }, [['n2', 'column n2 (feature) is missing']]],
    ['lacks the label', { label: null }, [['label', 'column label (label) is missing']]],
    ['has words for numbers', { n0: words }, [['n0', 'column n0 is Utf8, not Float64']]],
    [
      'has vectors for numbers and lacks more',
      { n0: lists(repeated([1, 2])), n1: null },
      [
        ['n0', 'column n0 is FixedSizeList[2]<Float32>, not Float64'],
        ['n1', 'column n1 (feature) is missing'],
      ],
    ],
  ])('%s: is held, unjudged, with every breach named', (_, changes, breaches) => {
    const assessment = assessed(changed(labelled(shard), changes));
    expect(assessment.faults).toEqual(
      breaches.map(([column, summary]) => ({ kind: 'schema', summary, numbers: { column }, holds: true })),
    );
    expect(assessment).toMatchObject({ rows: ROWS, detectors: [], tallies: [] });
  });

  it('has vectors of another size than trusted rows', () => {
    const vectors = (rows: number, size: number) =>
      lists(Array.from({ length: rows }, (_, row) => Array.from({ length: size }, (_, d) => Math.sin(row * 7 + d))));
    const by = fitOn(tableOf({ vector: vectors(120, 4) }));
    expect(assessed(tableOf({ vector: vectors(9, 4) }), {}, by).faults).toEqual([]);
    expect(assessed(tableOf({ vector: vectors(9, 5) }), {}, by).faults).toMatchObject([
      {
        summary: 'column vector is FixedSizeList[5]<Float32>, not FixedSizeList[4]<Float32>',
        holds: true,
      },
    ]);
  });

  it('lacks the source that the user named', () => {
    expect(assessed(labelled(shard), { source: 'uploader' }).faults).toMatchObject([
      { summary: 'column uploader (source) is missing', holds: true },
    ]);
  });

  it('may show a category as numbers, as a file without types does', () => {
    const codes = (rows: number) => Array.from({ length: rows }, (_, row) => row % 4);
    const by = fitOn(
      tableOf({
        code: strings(codes(120).map(String)),
        x: numbers(Array.from({ length: 120 }, (_, row) => Math.sin(row))),
      }),
    );
    const plain = assessed(tableOf({ code: strings(codes(8).map(String)), x: numbers(codes(8)) }), {}, by);
    const typed = assessed(
      tableOf({ code: vectorFromArray(codes(8).map(BigInt), new Int64()), x: numbers(codes(8)) }),
      {},
      by,
    );
    expect(typed).toEqual(plain);
    expect(typed.faults).toEqual([]);
  });
});

describe('labels', () => {
  it('that no trusted row has are reported, and those rows judged by the rest', () => {
    const cells = Array.from(shard.labels, (label, row) => (row < 7 ? ['alien', 'ghost'][row % 2]! : `class ${label}`));
    const assessment = assessed(changed(labelled(shard), { label: strings(cells) }));
    expect(assessment.faults).toEqual([
      {
        kind: 'schema',
        summary: `7 of ${ROWS} rows have a label that the baseline does not know (alien, ghost); their labels are not checked`,
        numbers: { column: 'label', rows: 7 },
        withoutCells: {
          summary: `7 of ${ROWS} rows have a label that the baseline does not know; their labels are not checked`,
          numbers: { column: 'label', rows: 7 },
        },
        holds: false,
      },
    ]);
    const [labelFlip, outlier] = assessment.detectors;
    expect(labelFlip!.pValue.subarray(0, 7).every(Number.isNaN)).toBe(true);
    expect(outlier!.pValue.some(Number.isNaN)).toBe(false);
  });

  it.each([
    ['case', 'Class 1'],
    ['spaces', ' class 1'],
    ['unseen characters', 'class\u200b 1'],
    ['full width', 'ｃｌａｓｓ 1'],
  ])('that are known ones but for %s hold the shard: nothing would check them', (_, written) => {
    const cells = Array.from(shard.labels, (label, row) => (row < 2 ? written : `class ${label}`));
    const { faults, detectors } = assessed(changed(labelled(shard), { label: strings(cells) }));
    expect(faults).toMatchObject([{ kind: 'schema', numbers: { column: 'label', rows: 2 }, holds: true }]);
    expect(faults[0]!.summary).toContain(`(${written})`);
    expect(faults[0]!.withoutCells!.summary).not.toContain(written);
    expect(detectors[0]!.pValue.subarray(0, 2).every(Number.isNaN)).toBe(true);
  });

  it('that are missing are reported as well', () => {
    const unlabelled: Population = { ...shard, labels: shard.labels.map((label, row) => (row < 4 ? -1 : label)) };
    const assessment = assessed(labelled(unlabelled));
    expect(assessment.faults).toMatchObject([{ kind: 'schema', numbers: { column: 'label', rows: 4 }, holds: false }]);
    expect(assessment.detectors[0]!.pValue.subarray(0, 4).every(Number.isNaN)).toBe(true);
    expect(assessed(changed(labelled(shard), { label: nulls(ROWS) })).faults).toMatchObject([
      { numbers: { rows: ROWS } },
    ]);
  });
});

describe('sources', () => {
  const bySource = (row: number) => (row % 5 === 0 ? null : `who ${row % 3}`);

  it('are read from the column that trusted rows have them in, nulls being nobody', () => {
    const { sources, sourceOf, tallies } = assessed(labelled(shard, { annotator: bySource }));
    expect(new Set(sources)).toEqual(new Set(['who 0', 'who 1', 'who 2']));
    sourceOf.forEach((source, row) => expect(sources[source] ?? null).toBe(bySource(row)));
    expect(tallies.map(({ rows }) => rows).reduce((sum, rows) => sum + rows, 0)).toBe(ROWS);
    expect(tallies.find(({ source }) => source === -1)!.rows).toBe(12);
  });

  it('are read from the column that the user names, though trusted rows have another', () => {
    const table = labelled(shard, { annotator: bySource, crew: () => 'one' });
    expect(assessed(table, { source: 'crew' }).sources).toEqual(['one']);
  });

  it('may be missing where nobody named them', () => {
    expect(assessed(labelled(shard)).sources).toEqual([]);
  });

  it('have tallies that add up to those of the shard', () => {
    const split = assessed(labelled(shard, { annotator: bySource }));
    const whole = assessed(labelled(shard));
    baseline.detectors.forEach(({ strata, calibrations }, index) => {
      const sum = emptyTally(strata, calibrations);
      for (const { perDetector } of split.tallies) mergeTally(sum, perDetector[index]!);
      expect(sum).toEqual(whole.tallies[0]!.perDetector[index]);
    });
  });

  it('change nothing about the rows', () => {
    const split = assessed(labelled(shard, { annotator: bySource }));
    expect(split.detectors).toEqual(assessed(labelled(shard)).detectors);
  });
});
