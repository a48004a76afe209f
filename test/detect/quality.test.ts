import { Float32, type Vector } from 'apache-arrow';
import { beforeAll, describe, expect, it } from 'vitest';
import { detectors, type RowEvidence } from '../../src/detect/index.js';
import { normals, seededRandom, startBackend } from '../../src/linear/index.js';
import { lists, numbers, strings, tableOf } from '../encode/tables.js';
import { auroc } from './auroc.js';
import {
  CLASSES,
  numberRowsAt,
  type Population,
  pickRows,
  textAndNumberRows,
  textRows,
  trust,
  vectorRows,
} from './populations.js';

const TRUSTED_ROWS = 500;
const BATCH_ROWS = 1000;

function judge(kind: string, trusted: Population, batch: Population): RowEvidence {
  const detector = detectors.find((one) => one.kind === kind)!;
  const on = trust(trusted);
  const { model } = detector.fit(on.trusted)!;
  return detector.evaluate(model, on.encode(batch));
}

/** Every twentieth row gets the next class for a label. */
const isFlipped = (row: number) => row % 20 === 3;
function flipLabels({ table, labels }: Population): Population {
  return { table, labels: labels.map((label, row) => (isFlipped(row) ? (label + 1) % CLASSES : label)) };
}

/** Clean rows with some of another kind after them. */
function withForeign(clean: Population, foreign: Record<string, Vector>): Population {
  const table = tableOf(
    Object.fromEntries(
      Object.entries(foreign).map(([name, cells]) => [name, clean.table.getChild(name)!.concat(cells)]),
    ),
  );
  return { table, labels: Int32Array.from({ length: table.numRows }, (_, row) => clean.labels[row] ?? row % CLASSES) };
}

beforeAll(async () => {
  await startBackend('wasm');
});

describe('label-flip', () => {
  it.each([
    ['separable clouds', 0.97, (rows: number, seed: string) => numberRowsAt(rows, seed, 6)],
    ['overlapping clouds', 0.8, (rows: number, seed: string) => numberRowsAt(rows, seed, 2)],
    ['vectors', 0.85, vectorRows],
    ['text', 0.9, textRows],
    ['text and numbers', 0.9, textAndNumberRows],
  ])('ranks flipped labels first: %s, AUROC at least %d', (_, floor, sample) => {
    const batch = flipLabels(sample(BATCH_ROWS, 'batch'));
    const { anomalyScore, logRatio, calledClass } = judge('label-flip', sample(TRUSTED_ROWS, 'trusted'), batch);
    expect(auroc(anomalyScore, isFlipped)).toBeGreaterThan(floor);
    expect(auroc(logRatio!, isFlipped)).toBeGreaterThan(floor);
    const isCalledOther = (row: number) => calledClass![row] !== batch.labels[row];
    const flipped = [...batch.labels.keys()].filter(isFlipped);
    expect(flipped.filter(isCalledOther).length).toBeGreaterThan(flipped.length / 2);
  });

  it('says how much a flip raises the log ratio, by class, nearly as flips do', () => {
    const trusted = numberRowsAt(TRUSTED_ROWS, 'trusted', 3);
    const detector = detectors.find(({ kind }) => kind === 'label-flip')!;
    const on = trust(trusted);
    const { model, effect } = detector.fit(on.trusted)!;
    const clean = numberRowsAt(BATCH_ROWS, 'batch', 3);
    const meanRatio = (labels: Int32Array, given?: number) => {
      const { logRatio } = detector.evaluate(model, on.encode({ ...clean, labels }));
      const counted = [...logRatio!].filter((_, row) => given === undefined || labels[row] === given);
      return counted.reduce((sum, ratio) => sum + ratio, 0) / counted.length;
    };
    const flips = [1, 2].map((step) => clean.labels.map((label) => (label + step) % CLASSES));
    const rise = (given?: number) =>
      flips.reduce((sum, labels) => sum + meanRatio(labels, given), 0) / 2 - meanRatio(clean.labels, given);
    expect(effect!.overall / rise()).toBeCloseTo(1, 1);
    effect!.byClass.forEach((rises, given) => expect(Math.abs(rises / rise(given) - 1)).toBeLessThan(0.15));
  });
});

describe('outlier', () => {
  const noise = normals(seededRandom('noise'), 6 * 50);
  const foreign = (d: number, scale: number) =>
    numbers(Array.from({ length: 50 }, (_, row) => scale * noise[row * 6 + d]!));
  const isForeign = (row: number) => row >= BATCH_ROWS;

  it('ranks gross outliers first: numbers', () => {
    const sample = (rows: number, seed: string) => numberRowsAt(rows, seed, 2);
    const columns = Object.fromEntries(Array.from({ length: 6 }, (_, d) => [`n${d}`, foreign(d, 6)]));
    const { anomalyScore } = judge(
      'outlier',
      sample(TRUSTED_ROWS, 'trusted'),
      withForeign(sample(BATCH_ROWS, 'batch'), columns),
    );
    expect(auroc(anomalyScore, isForeign)).toBeGreaterThan(0.99);
  });

  it('ranks gross outliers first: vectors', () => {
    const vectors = Array.from({ length: 50 }, (_, row) =>
      Array.from(noise.subarray(row * 6, row * 6 + 6), (x) => 6 * x),
    );
    const batch = withForeign(vectorRows(BATCH_ROWS, 'batch'), { vector: lists(vectors, new Float32()) });
    const { anomalyScore } = judge('outlier', vectorRows(TRUSTED_ROWS, 'trusted'), batch);
    expect(auroc(anomalyScore, isForeign)).toBeGreaterThan(0.99);
  });

  const gibberish = strings(
    Array.from({ length: 50 }, (_, row) =>
      Array.from({ length: 6 }, (_, word) =>
        Math.abs(noise[row * 6 + word]! * 1e9)
          .toString(36)
          .replace(/\d|\./g, 'q'),
      ).join(' '),
    ),
  );

  it('ranks foreign text first', () => {
    const batch = withForeign(textRows(BATCH_ROWS, 'batch'), { text: gibberish });
    const { anomalyScore } = judge('outlier', textRows(TRUSTED_ROWS, 'trusted'), batch);
    expect(auroc(anomalyScore, isForeign)).toBeGreaterThan(0.99);
  });

  /** Names of 20,736 that no other text has: nearest texts tell little, syllables all. */
  function namesOf(rows: number, seed: string): string[] {
    const random = seededRandom(seed);
    const syllables = 'ka to mer lin so ba tre und ei scha vil go'.split(' ');
    const pick = () => syllables[Math.floor(random() * syllables.length)]!;
    return Array.from({ length: rows }, () =>
      Array.from({ length: 6 }, () => Array.from({ length: 4 }, pick).join('')).join(' '),
    );
  }
  const named = (texts: readonly string[]): Population => ({
    table: tableOf({ text: strings([...texts]) }),
    labels: Int32Array.from(texts, (_, row) => row % CLASSES),
  });
  const letters = seededRandom('letters');
  const randomWord = (word: string) =>
    Array.from(word, () => String.fromCharCode(97 + Math.floor(26 * letters()))).join('');

  it.each([
    ['the letters of each word in another order', (word: string) => [...word].sort().reverse().join('')],
    ['one word of six of random letters', (word: string, at: number) => (at < 5 ? word : randomWord(word))],
    ['random letters', randomWord],
  ])('ranks gibberish first: %s', (_, garble) => {
    const garbled = namesOf(50, 'usual').map((text) => text.split(' ').map(garble).join(' '));
    const batch = withForeign(named(namesOf(BATCH_ROWS, 'batch')), { text: strings(garbled) });
    const { anomalyScore } = judge('outlier', named(namesOf(TRUSTED_ROWS, 'trusted')), batch);
    expect(auroc(anomalyScore, isForeign)).toBeGreaterThan(0.99);
  });

  it.each([
    ['the text', 1, gibberish],
    ['the numbers', 30, textRows(50, 'usual').table.getChild('text')!],
  ])('sees rows of which only %s is odd, where there is both', (_, scale, text) => {
    const trusted = textAndNumberRows(TRUSTED_ROWS, 'trusted');
    const size = numbers(
      Array.from({ length: 50 }, (_, row) => (scale === 1 ? 1 : scale * (1 + Math.abs(noise[row]!)))),
    );
    const batch = withForeign(textAndNumberRows(BATCH_ROWS, 'batch'), { text, size });
    expect(auroc(judge('outlier', trusted, batch).anomalyScore, isForeign)).toBeGreaterThan(0.98);
  });

  it.each([
    ['a missing vector', null],
    ['a vector of NaN', new Array<number>(6).fill(Number.NaN)],
    ['a vector with an infinite cell', [0, 0, Number.POSITIVE_INFINITY, 0, 0, 0]],
    ['a vector of the greatest numbers', new Array<number>(6).fill(3.4e38)],
  ])('puts %s above all usual ones', (_, cell) => {
    const trusted = vectorRows(TRUSTED_ROWS, 'trusted');
    const odd = withForeign(vectorRows(100, 'batch'), { vector: lists([cell, [0, 0, 0, 0, 0, 0]]) });
    const { anomalyScore } = judge('outlier', trusted, odd);
    expect(anomalyScore[100]).toBeGreaterThan(Math.max(...anomalyScore.subarray(0, 100)));
  });
});

describe('odd columns', () => {
  const rows = TRUSTED_ROWS;
  const base = numberRowsAt(rows, 'trusted', 3);
  const column = (cell: (row: number) => number | null) => numbers(Array.from({ length: rows }, (_, row) => cell(row)));
  const first = base.table.getChild('n0')!;

  it.each([
    ['a constant one', { first, odd: column(() => 7) }],
    ['one of nulls', { first, odd: column(() => null) }],
    ['one of NaN', { first, odd: column(() => Number.NaN) }],
    ['one with infinities', { first, odd: column((row) => (row % 50 === 0 ? Number.NEGATIVE_INFINITY : row)) }],
    [
      'one with the greatest double for missing',
      { first, odd: column((row) => (row % 5 === 0 ? Number.MAX_VALUE : row % 7)) },
    ],
    ['one with a single other value', { first, odd: column((row) => (row === 17 ? 1e12 : 0)) }],
    ['nothing but constants', { odd: column(() => 7) }],
    ['one column alone', { first }],
    ['the same column twice', { first, again: first }],
    ['a constant category', { odd: strings(new Array<string>(rows).fill('same')) }],
    ['a category per row', { odd: strings(Array.from({ length: rows }, (_, row) => `only${row}`)) }],
    [
      'empty texts',
      { text: strings(Array.from({ length: rows }, (_, row) => (row % 10 === 0 ? '' : `some words of row ${row}`))) },
    ],
  ])('%s: every row is judged', (_, columns) => {
    const population = { table: tableOf(columns), labels: base.labels };
    const on = trust(population);
    for (const detector of detectors) {
      const { model, evidence } = detector.fit(on.trusted)!;
      const batch = on.encode(pickRows(population, [0, 17, 50]));
      for (const score of [...evidence.anomalyScore, ...detector.evaluate(model, batch).anomalyScore]) {
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
      }
    }
  });
});
