import { Dictionary, Float32, Int32, Int64, type Table, Utf8, vectorFromArray } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { rowDigests } from '../../src/encode/index.js';
import { normals, seededRandom } from '../../src/linear/index.js';
import { lists, numbers, strings, tableOf } from './tables.js';

const ROWS = 50_000;

function digests(table: Table): Float64Array {
  return rowDigests(
    table,
    table.schema.fields.map(({ name }) => name),
  );
}

function distinct(table: Table): number {
  return new Set(digests(table)).size;
}

describe('row digests', () => {
  it('are equal for equal rows and for no others', () => {
    const table = tableOf({
      number: numbers([1, 1, 2, 1, 1, null, null]),
      text: strings(['a', 'a', 'a', 'b', null, 'a', 'a']),
      vector: lists([[1, 2], [1, 2], [1, 2], [1, 2], [1, 2], null, null]),
    });
    const [first, copy, otherNumber, otherText, noText, nulls, sameNulls] = digests(table);
    expect(copy).toBe(first);
    expect(sameNulls).toBe(nulls);
    expect(new Set([first, otherNumber, otherText, noText, nulls]).size).toBe(5);
  });

  it('take −0 for 0, and one NaN for another', () => {
    expect(distinct(tableOf({ x: numbers([0, -0]) }))).toBe(1);
    expect(
      distinct(
        tableOf({
          v: lists([
            [0, -0],
            [-0, 0],
          ]),
        }),
      ),
    ).toBe(1);
    expect(distinct(tableOf({ x: numbers([Number.NaN, 0 / 0, null]) }))).toBe(1);
  });

  it('see which column and which place a value stands in', () => {
    expect(distinct(tableOf({ a: numbers([1, 2]), b: numbers([2, 1]) }))).toBe(2);
    expect(
      distinct(
        tableOf({
          v: lists([
            [1, 2],
            [2, 1],
          ]),
        }),
      ),
    ).toBe(2);
    expect(distinct(tableOf({ a: strings(['ab', 'a']), b: strings(['c', 'bc']) }))).toBe(2);
  });

  it('look at the named columns only', () => {
    const table = tableOf({ x: numbers([1, 1]), id: numbers([1, 2]) });
    expect(new Set(rowDigests(table, ['x'])).size).toBe(1);
  });

  it('do not depend on how a column is stored', () => {
    const plain = digests(tableOf({ a: strings(['x', 'y', null]), b: numbers([1, 2, 3]) }));
    const stored = tableOf({
      a: vectorFromArray(['x', 'y', null], new Dictionary(new Utf8(), new Int32())),
      b: vectorFromArray([1n, 2n, 3n], new Int64()),
    });
    expect(digests(stored)).toEqual(plain);
  });

  it.each([
    ['numbers of one column', () => ({ x: numbers([...normals(seededRandom('one'), ROWS)]) })],
    ['counting numbers', () => ({ x: numbers(Array.from({ length: ROWS }, (_, row) => row)) })],
    ['words of one column', () => ({ x: strings(Array.from({ length: ROWS }, (_, row) => `row ${row}`)) })],
    [
      'vectors of single precision',
      () => {
        const cells = normals(seededRandom('vectors'), 3 * ROWS);
        return {
          v: lists(
            Array.from({ length: ROWS }, (_, row) => [...cells.subarray(3 * row, 3 * row + 3)]),
            new Float32(),
          ),
        };
      },
    ],
  ])('differ for 50,000 different rows: %s', (_, columns) => {
    const table = tableOf(columns());
    const values = new Set([...table.getChildAt(0)!].map(String)).size;
    expect(distinct(table)).toBe(values);
  });
});
