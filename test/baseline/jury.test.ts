import { beforeAll, describe, expect, it } from 'vitest';
import { assessShard } from '../../src/assess/index.js';
import { decodeBaseline, encodeBaseline, fitProvisional } from '../../src/baseline/index.js';
import { testHierarchy } from '../../src/decide/index.js';
import type { NaiveBayes } from '../../src/detect/index.js';
import { assignRoles, takeRows } from '../../src/encode/index.js';
import { seededRandom, startBackend } from '../../src/linear/index.js';
import { defaultShardLimits } from '../../src/schema/index.js';
import { mostRejections } from '../decide/bounds.js';
import { auroc } from '../detect/auroc.js';
import { mixedRows, numberRowsAt, textRows } from '../detect/populations.js';
import { numbers, strings, tableOf } from '../encode/tables.js';
import { labelled } from './trusted.js';

beforeAll(() => startBackend('wasm'));

const none = { ids: [] };
type Table = ReturnType<typeof labelled>;

function fitOn(table: Table) {
  return fitProvisional({ table, sha256: 'digest', path: 'batch' }, assignRoles(table, none, 'batch'), none);
}

function assess(table: Table, baseline: ReturnType<typeof fitOn>, path = 'a') {
  return assessShard({ path, sha256: path, table }, { baseline, columns: none });
}

/** Of classes that trees tell apart and sums do not: which of twelve bands a number falls in, one label in ten wrong. */
function bands(rows: number, seed: string): Table {
  const random = seededRandom(seed);
  const x = Array.from({ length: rows }, () => random());
  const classOf = (value: number) => (random() < 0.1 ? Math.floor(3 * random()) : Math.floor(12 * value) % 3);
  const label = strings(x.map((value) => `class ${classOf(value)}`));
  return tableOf({ x: numbers(x), other: numbers(x.map(() => random())), more: numbers(x.map(() => random())), label });
}

const rowsFrom = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, row) => from + row);

it.each([
  ['numbers', numberRowsAt(900, 'outside', 4)],
  ['text', textRows(900, 'outside')],
])('rows outside the sample are judged like those within it: %s', (_, { table, labels }) => {
  const random = seededRandom('flips');
  const flipped = Array.from(labels, () => random() < 0.05);
  const whole = labelled({ table, labels: labels.map((label, row) => (flipped[row] ? (label + 1) % 3 : label)) });
  const baseline = fitOn(takeRows(whole, rowsFrom(0, 600)));
  const [within, outside] = [
    [0, 600],
    [600, 900],
  ].map(([from = 0, to = 0]) => {
    const [flips] = assess(takeRows(whole, rowsFrom(from, to)), baseline).rows.detectors;
    const low = [...flips!.pValue].filter((p) => p <= 0.2).length / (to - from);
    // Rows beyond all others are not judged.
    const scores = flips!.anomalyScore.map((score) => (Number.isNaN(score) ? 0 : score));
    return { ranked: auroc(scores, (row) => flipped[from + row]!), low };
  });
  expect(outside!.ranked).toBeGreaterThan(0.9);
  expect(Math.abs(outside!.ranked - within!.ranked)).toBeLessThan(0.08);
  expect(Math.abs(outside!.low - within!.low)).toBeLessThan(0.08);
});

it('is the same when it has been written and read', () => {
  const table = labelled(mixedRows(200, 'stored'));
  const baseline = fitOn(table);
  const read = decodeBaseline(encodeBaseline(baseline), 'file');
  const more = labelled(mixedRows(100, 'more'));
  expect(assess(more, read).rows.detectors).toEqual(assess(more, baseline).rows.detectors);
});

it('is read again where classes lie so far apart that copies tell nothing', () => {
  const side = (row: number) => ((row % 300) % 2 === 0 ? -40 : 40);
  const x = Float64Array.from({ length: 600 }, (_, row) => side(row) + (row % 300) / 300);
  const z = Float64Array.from(x, (value) => -value);
  const table = tableOf({
    x: numbers([...x]),
    z: numbers([...z]),
    label: strings(Array.from(x, (value) => (value < 0 ? 'low' : 'high'))),
  });
  const baseline = fitOn(table);
  expect(baseline.jury?.copies.digests.length).toBe(0);
  expect(decodeBaseline(encodeBaseline(baseline), 'file').jury).toEqual(baseline.jury);
});

describe('boosted trees that lead outside themselves', () => {
  it.each([
    ['in a circle', { next: 0 }],
    ['to a leaf that is not there', { next: 2 ** 20, column: -1 }],
    ['to a class that is not there', { corrected: 3 }],
    ['to no node', { roots: -1 }],
  ])('%s are refused', (_, changes) => {
    const baseline = fitOn(bands(1200, 'trees'));
    const trees = baseline.jury?.boosted;
    if (!trees) throw new Error('trees have no say');
    for (const [name, value] of Object.entries(changes))
      trees[name as 'next' | 'column' | 'corrected' | 'roots'][0] = value;
    expect(() => decodeBaseline(encodeBaseline(baseline), 'file')).toThrow('.jury.boosted points outside itself');
  });
});

describe('words that cannot be heard', () => {
  it.each([
    ['of a class that is not there', (words: NaiveBayes) => words.classes.fill(3, 0, 1)],
    ['out of order', (words: NaiveBayes) => words.starts.fill(1, 0, 1)],
    ['that add no number', (words: NaiveBayes) => words.weights.fill(Number.NaN, 0, 1)],
  ])('%s are refused', (_, damage) => {
    const baseline = fitOn(labelled(textRows(300, 'words')));
    const words = baseline.jury?.words;
    if (!words) throw new Error('words have no say');
    damage(words);
    expect(() => decodeBaseline(encodeBaseline(baseline), 'file')).toThrow('.jury.words points outside itself');
  });

  it('have no say', () => {
    const { jury, ...baseline } = fitOn(labelled(textRows(300, 'words')));
    if (!jury?.words) throw new Error('words have no say');
    for (const changed of [
      { ...jury, words: null },
      { ...jury, wordShare: 0 },
      { ...jury, wordShare: 2 },
    ])
      expect(() => decodeBaseline(encodeBaseline({ ...baseline, jury: changed }), 'file')).toThrow(
        '.jury has words without a say',
      );
    const textless = { ...jury, encoder: { ...jury.encoder, text: null } };
    expect(() => decodeBaseline(encodeBaseline({ ...baseline, jury: textless }), 'file')).toThrow(
      '.jury has words of no text',
    );
  });
});

it('holds clean batches no oftener than it promises, without any tolerance', () => {
  const [batches, shards, rows] = [24, 6, 60];
  const policy = {
    mode: 'enforce',
    falseQuarantineRate: 0.1,
    tolerance: 0,
    limits: defaultShardLimits,
  } as const;
  let held = 0;
  for (let batch = 0; batch < batches; batch++) {
    const { table, labels } = numberRowsAt(shards * rows, `clean ${batch}`, 1.5);
    const whole = labelled({ table, labels });
    const baseline = fitOn(whole);
    const assessments = Array.from({ length: shards }, (_, shard) => {
      const own = takeRows(whole, rowsFrom(shard * rows, (shard + 1) * rows));
      return assess(own, baseline, `shard-${shard}`).assessment;
    });
    if (testHierarchy(assessments, baseline, policy, `${batch}`).gate) held++;
  }
  expect(held).toBeLessThanOrEqual(mostRejections(batches, policy.falseQuarantineRate));
});
