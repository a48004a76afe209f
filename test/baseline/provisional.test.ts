import { beforeAll, describe, expect, it } from 'vitest';
import { assessShard } from '../../src/assess/index.js';
import { fitProvisional, foldOf } from '../../src/baseline/index.js';
import { assignRoles, type NamedColumns, rowDigests } from '../../src/encode/index.js';
import { seededRandom, startBackend } from '../../src/linear/index.js';
import { auroc } from '../detect/auroc.js';
import { mixedRows, numberRowsAt, type Population, textRows } from '../detect/populations.js';
import { numbers, strings, tableOf } from '../encode/tables.js';
import { labelled } from './trusted.js';

beforeAll(() => startBackend('wasm'));

type Table = ReturnType<typeof tableOf>;

function fitOn(table: Table, named: Partial<NamedColumns> = {}) {
  const columns = assignRoles(table, { ids: [], ...named }, 'batch');
  return fitProvisional({ table, sha256: 'digest', path: 'batch' }, columns, { ids: [], ...named });
}

function judge(table: Table, named: Partial<NamedColumns> = {}) {
  const baseline = fitOn(table, named);
  const shard = { path: 'a', sha256: null as unknown as string, table };
  return assessShard(shard, { baseline, columns: { ids: [], ...named } }).rows.detectors;
}

/** Some labels replaced. */
function flip({ table, labels }: Population, share: number) {
  const random = seededRandom('flips');
  const flipped = Array.from(labels, () => random() < share);
  const given = labels.map((label, row) => (flipped[row] ? (label + 1) % 3 : label));
  return { flipped, table: labelled({ table, labels: given }) };
}

describe('a batch that judges itself', () => {
  it.each([
    ['numbers', numberRowsAt(600, 'flip', 4), 0.95],
    ['mixed columns', mixedRows(600, 'flip'), 0.7],
    ['text', textRows(600, 'flip'), 0.9],
  ])('ranks flipped labels first: %s', (_, population, least) => {
    const { table, flipped } = flip(population, 0.05);
    const [labels] = judge(table);
    expect(auroc(labels!.anomalyScore, (row) => flipped[row]!)).toBeGreaterThan(least);
  });

  it('ranks outliers first without labels', () => {
    const random = seededRandom('odd');
    const odd = Array.from({ length: 300 }, (_, row) => row % 30 === 7);
    const column = () => numbers(odd.map((isOdd) => (isOdd ? 12 * (random() - 0.5) : random())));
    const [outlier] = judge(tableOf({ a: column(), b: column(), c: column() }));
    expect(auroc(outlier!.anomalyScore, (row) => odd[row]!)).toBeGreaterThan(0.95);
  });

  it('never lets a row, or its copy, vouch for its label', () => {
    // Labels by chance: whoever has seen a row agrees with it.
    const { table } = numberRowsAt(200, 'chance', 0);
    const random = seededRandom('labels');
    const twice = numberRowsAt(200, 'chance', 0).table.concat(table);
    const labels = Int32Array.from({ length: 200 }, () => Math.floor(random() * 2));
    const [flips] = judge(labelled({ table: twice, labels: Int32Array.from([...labels, ...labels]) }));
    const agreed = [...flips!.anomalyScore].filter((score) => score < 0.5).length;
    expect(agreed / 400).toBeGreaterThan(0.35);
    expect(agreed / 400).toBeLessThan(0.65);
    expect([...flips!.anomalyScore.subarray(0, 200)]).toEqual([...flips!.anomalyScore.subarray(200)]);
  });

  it('gives rows a uniform p-value', () => {
    const [, outlier] = judge(labelled(numberRowsAt(500, 'uniform', 2)));
    for (const level of [0.05, 0.2, 0.5]) {
      const share = [...outlier!.pValue].filter((p) => p <= level).length / 500;
      expect(Math.abs(share - level)).toBeLessThan(0.02);
    }
  });

  it('has folds of about equal size', () => {
    const { table } = numberRowsAt(1000, 'folds', 2);
    const digests = rowDigests(
      table,
      table.schema.fields.map(({ name }) => name),
    );
    const ones = digests.reduce((sum, digest) => sum + foldOf(digest), 0);
    // Within five deviations of a half.
    expect(Math.abs(ones - 500)).toBeLessThan(80);
  });
});

describe('columns without a word to say', () => {
  it('do not disturb', () => {
    const { table, labels } = numberRowsAt(400, 'empty', 3);
    const whole = labelled({ table, labels }, { empty: () => null, same: () => 'same' });
    const columns = Object.fromEntries(whole.schema.fields.map(({ name }) => [name, whole.getChild(name)!]));
    const all = tableOf({ ...columns, blank: numbers(new Array<null>(400).fill(null)) });
    for (const { anomalyScore, pValue } of judge(all)) {
      expect(anomalyScore.every(Number.isFinite)).toBe(true);
      expect(pValue.every(Number.isFinite)).toBe(true);
    }
  });
});

describe('what cannot be judged', () => {
  const rows = (count: number) => numberRowsAt(count, 'few', 2);

  it.each([
    ['too few rows', labelled(rows(20)), '20 distinct rows'],
    ['copies of few rows', labelled(rows(20)).concat(labelled(rows(20))), '20 distinct rows'],
    ['one label', labelled({ ...rows(200), labels: new Int32Array(200) }), 'always class 0'],
    ['a label of its own for every row', named(rows(200), (row) => `row ${row}`), '200 values'],
    [
      'nothing but a label',
      tableOf({ label: strings(Array.from({ length: 50 }, (_, row) => `${row % 2}`)) }),
      'no column',
    ],
  ])('%s', (_, table, detail) => {
    expect(() => fitOn(table)).toThrow(expect.objectContaining({ code: 'BATCH_UNUSABLE' }));
    expect(() => fitOn(table)).toThrow(detail);
  });

  it('are labels of which there are too few: said so, and outliers judged all the same', () => {
    const baseline = fitOn(named(rows(80), (row) => `kind ${row % 20}`));
    expect(baseline.notes.some((note) => note.includes('not judged for want of'))).toBe(true);
    const [flips, outlier] = judge(named(rows(80), (row) => `kind ${row % 20}`));
    expect(flips!.pValue.every(Number.isNaN)).toBe(true);
    expect(outlier!.pValue.some(Number.isNaN)).toBe(false);
  });

  function named({ table }: Population, label: (row: number) => string): Table {
    const columns = Object.fromEntries(table.schema.fields.map(({ name }) => [name, table.getChild(name)!]));
    return tableOf({ ...columns, label: strings(Array.from({ length: table.numRows }, (_, row) => label(row))) });
  }
});
