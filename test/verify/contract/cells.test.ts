import {
  Bool,
  type DataType,
  DateDay,
  DateMillisecond,
  Decimal,
  Dictionary,
  Float16,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint8,
  Uint32,
  Uint64,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readNumbers } from '../../../src/encode/index.js';
import { categoryTest } from '../../../src/verify/contract/category-set.js';
import { lengthTest } from '../../../src/verify/contract/length-test.js';
import { numbersOf } from '../../../src/verify/contract/numbers.js';
import { forEachFailing } from '../../../src/verify/contract/texts.js';
import { forEachNull } from '../../../src/verify/contract/validity.js';
import { strings } from '../../encode/tables.js';

describe('numbers read from memory', () => {
  const whole = fc.option(fc.integer({ min: -100, max: 100 }));
  const natural = fc.option(fc.nat(200));
  const cells: readonly (readonly [DataType, fc.Arbitrary<unknown>])[] = [
    [new Float64(), fc.option(fc.double())],
    [new Float32(), fc.option(fc.float())],
    [new Float16(), fc.option(fc.constantFrom(0, 1.5, -2.25, 6e-5, 1e-7, 65504))],
    [new Int8(), whole],
    [new Int16(), whole],
    [new Int32(), whole],
    [new Uint8(), natural],
    [new Uint32(), natural],
    [new Int64(), fc.option(fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n }))],
    [new Uint64(), fc.option(fc.bigInt({ min: 0n, max: 2n ** 63n }))],
    [new Bool(), fc.option(fc.boolean())],
    [new DateDay(), fc.option(fc.date({ min: new Date(0), noInvalidDate: true }))],
    [new DateMillisecond(), fc.option(fc.date({ min: new Date(0), noInvalidDate: true }))],
    ...[new TimestampSecond(), new TimestampMillisecond(), new TimestampMicrosecond(), new TimestampNanosecond()].map(
      (type) => [type, fc.option(fc.nat(2 ** 30).map((second) => second * 1000))] as const,
    ),
    [new Dictionary(new Float64(), new Int32()), whole],
  ];
  it.each(cells)('are what Arrow says cell by cell: %s', (type, cell) => {
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 20 }), fc.nat(5), (values, cut) => {
        const column = vectorFromArray(values, type).slice(cut % values.length);
        const expected = readNumbers(column);
        const actual = numbersOf(column);
        expect(actual.length).toBe(expected.length);
        expected.forEach((value, row) => {
          if (Number.isNaN(value)) expect(actual[row]).toBeNaN();
          else expect(actual[row]).toBeCloseTo(value, 3);
        });
      }),
      { numRuns: 50 },
    );
  });

  it('also of decimals, which are two’s complement in words', () => {
    const words = Uint32Array.from([12345, 0, 0, 0, -12345 >>> 0, 0xffffffff, 0xffffffff, 0xffffffff]);
    const column = vectorFromArray([words.slice(0, 4), words.slice(4)], new Decimal(2, 10, 128));
    expect(Array.from(numbersOf(column))).toEqual([123.45, -123.45]);
  });
});

describe('text judged from its bytes', () => {
  const text = fc.option(
    fc.oneof(fc.string({ unit: 'grapheme', maxLength: 6 }), fc.constantFrom('a', 'b', 'é', '__proto__')),
  );

  it('is judged as it would be as strings', () => {
    fc.assert(
      fc.property(
        fc.array(text, { maxLength: 20 }),
        fc.array(fc.string({ unit: 'grapheme', maxLength: 3 }), { minLength: 1, maxLength: 5 }),
        fc.nat(4),
        fc.nat(4),
        (cells, categories, min, more) => {
          for (const test of [categoryTest(['a', 'é', ...categories]), lengthTest(min, min + more)]) {
            const expected = cells.flatMap((cell, row) => (cell === null || test.text(cell) ? [] : [row]));
            for (const column of [strings(cells), vectorFromArray(cells, new Dictionary(new Utf8(), new Int32()))]) {
              const failing: number[] = [];
              forEachFailing(column, test, (row) => failing.push(row));
              expect(failing).toEqual(cells.length === 0 ? [] : expected);
            }
          }
        },
      ),
    );
  });
});

it('finds nulls that hide in a dictionary', () => {
  const column = vectorFromArray(['a', null, 'b'], new Dictionary(new Utf8(), new Int32()));
  const found: number[] = [];
  forEachNull(column, (row) => found.push(row));
  expect(found).toEqual([1]);
});
