import { deserialize, serialize } from 'node:v8';
import type { Table } from 'apache-arrow';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodePlain } from '../../src/baseline/artefact/codec.js';
import { groupCopies } from '../../src/baseline/copies.js';
import { startBackend } from '../../src/linear/index.js';
import { numberRows, pickRows, textRows } from '../detect/populations.js';
import { numbers, strings, tableOf } from '../encode/tables.js';
import { fitOn, labelled } from './trusted.js';

const ROWS = 160;
const population = numberRows(ROWS, 'trusted');

beforeAll(async () => {
  await startBackend('wasm');
});

describe('fitBaseline', () => {
  it('fits every detector and says what it is made of', () => {
    const baseline = fitOn(labelled(population));
    expect(baseline).toMatchObject({
      rows: ROWS,
      distinctRows: ROWS,
      blocks: 1,
      sha256: 'trusted digest',
      classes: ['class 0', 'class 1', 'class 2'],
    });
    expect(baseline.detectors.map(({ kind }) => kind)).toEqual(['label-flip', 'outlier']);
    for (const { calibrations, blocks } of baseline.detectors) {
      expect(calibrations).toHaveLength(1);
      expect(calibrations[0]!.rows.reduce((sum, rows) => sum + rows, 0)).toBe(ROWS);
      expect(blocks).toEqual([]);
    }
    expect(baseline.notes).toEqual([expect.stringContaining('The baseline has 1 block (files')]);
  });

  it('is the same every time, and plain data', () => {
    const baseline = fitOn(labelled(population));
    expect(Buffer.from(encodePlain(fitOn(labelled(population)))).equals(encodePlain(baseline))).toBe(true);
    expect(deserialize(serialize(baseline))).toEqual(baseline);
  });

  it('without a label looks for outliers only, and says so', () => {
    const baseline = fitOn(population.table);
    expect(baseline.classes).toEqual([]);
    expect(baseline.detectors.map(({ kind }) => kind)).toEqual(['outlier']);
    expect(baseline.notes).toContain('The trusted rows have no labels: labels are not checked.');
  });

  it('names the classes that are too small to be judged', () => {
    const table = labelled({
      ...population,
      labels: population.labels.map((label, row) => (row < 20 ? 2 : label % 2)),
    });
    expect(fitOn(table).notes).toContain('label-flip: not judged for want of 30 trusted rows: class 2.');
  });

  it('takes rows without a label into account for all but the labels', () => {
    const table = labelled({ ...population, labels: population.labels.map((label, row) => (row < 40 ? -1 : label)) });
    const [labelFlip, outlier] = fitOn(table).detectors;
    expect(labelFlip!.calibrations[0]!.rows.reduce((sum, rows) => sum + rows, 0)).toBe(ROWS - 40);
    expect(outlier!.calibrations[0]!.rows[0]).toBe(ROWS);
  });
});

describe('copies among trusted rows', () => {
  it('are found by their features, whatever their labels and ids', () => {
    const again = pickRows(population, [...Array.from({ length: ROWS }, (_, row) => row), 0, 1, 1]);
    again.labels[ROWS] = (again.labels[ROWS]! + 1) % 3;
    const baseline = fitOn(labelled(again, { id: String }));
    expect(baseline).toMatchObject({ rows: ROWS + 3, distinctRows: ROWS });
    for (const { calibrations } of baseline.detectors) {
      expect(calibrations.map(({ rows }) => rows.reduce((sum, some) => sum + some, 0))).toEqual([ROWS, ROWS + 3]);
    }
  });

  it('make one group, of which the first row stands for all, groups in the order of their digests', () => {
    const { copies, distinct } = groupCopies(Float64Array.of(7, 3, 7, 5, 3, 7));
    expect(copies.groupOf).toEqual(Int32Array.of(0, 1, 0, 2, 1, 0));
    expect(copies.sizes).toEqual(Int32Array.of(3, 2, 1));
    expect(distinct).toEqual(Int32Array.of(1, 3, 0));
  });
});

describe('trusted rows that are of no use', () => {
  const rows = (count: number): Table => labelled(numberRows(count, 'few'));
  const label = (cell: (row: number) => string) => {
    const columns = Object.fromEntries(
      population.table.schema.fields.map(({ name }) => [name, population.table.getChild(name)!]),
    );
    return tableOf({ ...columns, label: strings(Array.from({ length: ROWS }, (_, row) => cell(row))) });
  };

  it.each([
    [
      'too few',
      () => rows(99),
      'baseline trusted: has 99 rows, and fewer than 100 cannot tell usual from unusual',
      'Add trusted rows.',
    ],
    [
      'without a column to judge by',
      () =>
        tableOf({ label: strings(new Array<string>(ROWS).fill('a')), id: numbers(new Array<number>(ROWS).fill(1)) }),
      'baseline trusted: has no column to judge rows by: no numbers, categories, text, image or embedding',
      'Give --label, --source, --group or --id only for columns that have those roles.',
    ],
    [
      'of one class',
      () => label(() => 'same'),
      'baseline trusted: has a label that is always same',
      'Say with --label which column is the label, or add trusted rows.',
    ],
  ])('%s: says so and what to do', (_, table, message, remedy) => {
    expect(() => fitOn(table())).toThrow(expect.objectContaining({ code: 'BASELINE_UNUSABLE', message, remedy }));
  });

  it('with a class per row: says that such a label is none', () => {
    expect(() => fitOn(label((row) => `only ${row}`))).toThrow(/a label that has \d+ values/);
  });

  it('of copies only: says how few distinct rows there are', () => {
    const few = pickRows(
      population,
      Array.from({ length: ROWS }, (_, row) => row % 20),
    );
    expect(() => fitOn(labelled(few))).toThrow(
      'has 20 distinct rows, and fewer than 30 cannot tell usual from unusual',
    );
  });
});

describe('blocks', () => {
  const many = numberRows(300, 'blocks');
  const files = (count: number) => Int32Array.from({ length: 300 }, (_, row) => Math.floor((row * count) / 300));
  const held = ({ detectors }: ReturnType<typeof fitOn>) =>
    detectors.map(({ blocks }) => blocks.map(({ tally }) => tally.rows.reduce((sum, rows) => sum + rows, 0)));

  it('are files; four of them say nothing of how much batches differ', () => {
    const baseline = fitOn(labelled(many), {}, files(4));
    expect(baseline.blocks).toBe(4);
    expect(held(baseline)).toEqual([[], []]);
    expect(baseline.notes.join()).toContain('The baseline has 4 blocks');
  });

  it('are held out one by one from five on, each against the others', () => {
    const baseline = fitOn(labelled(many), {}, files(5));
    expect(baseline.blocks).toBe(5);
    expect(held(baseline)).toEqual(new Array(2).fill(new Array(5).fill(60)));
    for (const { blocks } of baseline.detectors) {
      for (const { calibration } of blocks) expect(calibration.rows.reduce((sum, rows) => sum + rows, 0)).toBe(240);
    }
    expect(baseline.notes).toEqual([]);
  });

  it('beyond ten are still compared one by one', () => {
    const baseline = fitOn(labelled(many), {}, files(25));
    expect(baseline.blocks).toBe(25);
    expect(held(baseline)).toEqual(new Array(2).fill(new Array(25).fill(12)));
  });

  it('are groups where a column says what was collected together, whatever the files', () => {
    const table = labelled(many, { split: (row) => `day ${row % 6}` });
    expect(held(fitOn(table, {}, files(1)))).toEqual(new Array(2).fill(new Array(6).fill(50)));
  });

  it('of texts are held out as well', () => {
    const table = labelled(textRows(150, 'text blocks'), { group: (row) => `day ${row % 5}` });
    expect(held(fitOn(table))).toEqual(new Array(2).fill(new Array(5).fill(30)));
  });

  it('of one group keep its rows from vouching for each other', () => {
    // Within a group rows are near copies: scored beside their kin they would look far more usual than new rows do.
    const near = numberRows(40, 'kin');
    const rows = pickRows(
      near,
      Array.from({ length: 320 }, (_, row) => row % 40),
    );
    const jittered = numberRows(320, 'jitter');
    const columns = Object.fromEntries(
      rows.table.schema.fields.map(({ name }) => {
        const noise = [...jittered.table.getChild(name)!];
        return [name, numbers([...rows.table.getChild(name)!].map((cell, row) => cell + 0.01 * noise[row]))];
      }),
    );
    const table = (more: Parameters<typeof labelled>[1]) =>
      labelled({ table: tableOf(columns), labels: rows.labels }, more);
    const median = (baseline: ReturnType<typeof fitOn>) => {
      const { scores } = baseline.detectors.find(({ kind }) => kind === 'outlier')!.calibrations[0]!;
      return scores[0]![160]!;
    };
    expect(median(fitOn(table({ group: (row) => `kin ${row % 40}` })))).toBeGreaterThan(median(fitOn(table({}))));
  });

  it.each([
    ['files', {}],
    ['groups', { fold: (row: number) => `fold ${Math.floor(row / 50)}` }],
  ])('of which each holds the same rows cannot be held out: %s', (_, more) => {
    const same = pickRows(
      numberRows(50, 'same'),
      Array.from({ length: 300 }, (_, row) => row % 50),
    );
    const baseline = fitOn(labelled(same, more), {}, files(6));
    expect(baseline).toMatchObject({ rows: 300, distinctRows: 50, blocks: 6 });
    expect(held(baseline)).toEqual([[], []]);
  });
});
