import { Dictionary, Int32, Int64, LargeUtf8, makeData, Null, Utf8, Vector, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCodes } from '../../src/encode/index.js';

const cell = fc.option(
  fc.oneof(
    fc.string({ maxLength: 4 }),
    fc.string({ unit: 'grapheme', maxLength: 3 }),
    fc.constantFrom('a', 'b', '', '__proto__'),
  ),
);

function cells(column: Vector): (string | null)[] {
  const { values, codes } = readCodes(column);
  expect(new Set(values).size).toBe(values.length);
  return Array.from(codes, (code) => values[code] ?? null);
}

const wellFormed = (text: string | null) => (text === null ? null : Buffer.from(text).toString());

describe('codes', () => {
  it.each([
    ['strings', () => new Utf8()],
    ['large strings', () => new LargeUtf8()],
    ['dictionaries', () => new Dictionary(new Utf8(), new Int32())],
  ])('of %s stand for the cells, whatever they are and wherever a slice begins', (_, type) => {
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 60 }), fc.nat(20), (texts, from) => {
        const column = vectorFromArray(texts, type());
        const expected = texts.map(wellFormed);
        expect(cells(column)).toEqual(expected);
        expect(cells(column.slice(from))).toEqual(expected.slice(from));
        expect(cells(column.concat(column.slice(from)))).toEqual([...expected, ...expected.slice(from)]);
      }),
    );
  });

  it('of numbers are those of their text', () => {
    expect(cells(vectorFromArray([1, null, -0, 1], new Int32()))).toEqual(['1', null, '0', '1']);
    expect(cells(vectorFromArray([2n ** 60n, null], new Int64()))).toEqual([`${2n ** 60n}`, null]);
    expect(cells(vectorFromArray([true, false]))).toEqual(['true', 'false']);
  });

  it('of a column of nulls are none', () => {
    expect(readCodes(new Vector([makeData({ type: new Null(), length: 2 })]))).toEqual({
      values: [],
      codes: Int32Array.of(-1, -1),
    });
  });

  it('appear in the order of the cells', () => {
    expect(readCodes(vectorFromArray(['b', 'a', 'b'], new Utf8()))).toEqual({
      values: ['b', 'a'],
      codes: Int32Array.of(0, 1, 0),
    });
  });
});
