import { Dictionary, Int32, type Table, Utf8, vectorFromArray } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { encodeText, fitText, type SparseRows } from '../../src/encode/text.js';
import { normals, seededRandom } from '../../src/linear/index.js';
import { everyRow, strings, tableOf } from './tables.js';

const texts = ['the cat sat on the mat', 'a dog ate the cat', 'Rain in Spain', null, '', 'cat cat cat'];
const trusted = tableOf({ text: strings(texts) });

function encode(table: Table, names = ['text'], fittedOn = trusted): SparseRows {
  return encodeText(fitText(fittedOn, names, everyRow(fittedOn)), table);
}

function entries(rows: SparseRows, row: number): [number, number][] {
  const [from, to] = [rows.starts[row]!, rows.starts[row + 1]!];
  return Array.from({ length: to - from }, (_, k) => [rows.indices[from + k]!, rows.values[from + k]!]);
}

function length(rows: SparseRows, row: number): number {
  return Math.hypot(...entries(rows, row).map(([, value]) => value));
}

function similarity(rows: SparseRows, a: number, b: number): number {
  const other = new Map(entries(rows, b));
  return entries(rows, a).reduce((sum, [index, value]) => sum + value * (other.get(index) ?? 0), 0);
}

const encodeCells = (cells: (string | null)[]) => encode(tableOf({ text: strings(cells) }));

describe('text', () => {
  it('has unit length, unless there is none', () => {
    const rows = encode(trusted);
    expect(texts.map((_, row) => Number(length(rows, row).toFixed(5)))).toEqual([1, 1, 1, 0, 0, 1]);
  });

  it('is the same every time and whatever rows come along', () => {
    const all = encode(trusted);
    expect(encode(trusted)).toEqual(all);
    for (let row = 0; row < texts.length; row++)
      expect(entries(encode(trusted.slice(row, row + 1)), 0)).toEqual(entries(all, row));
  });

  it('is like text that shares words, and more so like text that shares their order', () => {
    const rows = encodeCells([
      'please close the old door',
      'the old door please',
      'door old the please',
      'quartz jukebox',
    ]);
    expect(similarity(rows, 0, 1)).toBeGreaterThan(similarity(rows, 0, 2));
    expect(similarity(rows, 0, 2)).toBeGreaterThan(0.3);
    expect(similarity(rows, 0, 3)).toBeLessThan(0.05);
  });

  it('reads words with a typing error as kin, and capitals as nothing', () => {
    const rows = encodeCells(['embezzlement', 'embezzelment', 'EMBEZZLEMENT', 'sunflowers']);
    expect(similarity(rows, 0, 1)).toBeGreaterThan(0.2);
    expect(similarity(rows, 0, 2)).toBeCloseTo(1, 5);
    expect(similarity(rows, 0, 3)).toBe(0);
  });

  it('weighs words of few trusted rows more than words of all', () => {
    const fittedOn = tableOf({
      text: strings(Array.from({ length: 100 }, (_, row) => (row === 0 ? 'common rarely' : 'common'))),
    });
    const rows = encode(tableOf({ text: strings(['common', 'rarely', 'common rarely']) }), ['text'], fittedOn);
    expect(similarity(rows, 1, 2)).toBeGreaterThan(2 * similarity(rows, 0, 2));
  });

  it('tells the same words in different columns apart', () => {
    const table = tableOf({ a: strings(['swan lake', 'bridge']), b: strings(['bridge', 'swan lake']) });
    expect(similarity(encode(table, ['a', 'b'], table), 0, 1)).toBeLessThan(0.05);
  });

  it('reads the same from a dictionary', () => {
    const cells = vectorFromArray(['one', 'two', null], new Dictionary(new Utf8(), new Int32()));
    expect(encode(tableOf({ text: cells }))).toEqual(encodeCells(['one', 'two', null]));
  });

  it('in scripts without spaces, with emoji or with half a surrogate has features too', () => {
    const rows = encodeCells(['猫が座った', '🎉🎉', '\ud83d broken', 'नमस्ते दुनिया']);
    for (let row = 0; row < rows.rows; row++) expect(length(rows, row)).toBeCloseTo(1, 5);
  });

  it('as long as books in several columns is cut, not the end of the scan', () => {
    const letters = [...normals(seededRandom('book'), 60_000)].map((x) =>
      String.fromCharCode(97 + (Math.abs(x * 1e6) % 26)),
    );
    const book = letters.join('');
    const names = ['a', 'b', 'c'];
    const table = tableOf(Object.fromEntries(names.map((name, i) => [name, strings([book.slice(i * 1000)])])));
    const rows = encode(table, names, table);
    expect(length({ ...rows }, 0)).toBeCloseTo(1, 4);
  });
});
