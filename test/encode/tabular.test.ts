import {
  Bool,
  DateDay,
  Decimal,
  Dictionary,
  Float32,
  Int32,
  Int64,
  makeData,
  Null,
  type Table,
  TimestampMillisecond,
  Utf8,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { encodeTabular, fitTabular } from '../../src/encode/tabular.js';
import { everyRow, numbers, strings, tableOf } from './tables.js';

function fitted(table: Table) {
  return fitTabular(
    table,
    table.schema.fields.map(({ name }) => name),
    everyRow(table),
  );
}

/** The features of each row of `table`, by a model fitted on `trusted`. */
function encode(trusted: Table, table = trusted): number[][] {
  const { data, cols } = encodeTabular(fitted(trusted), table);
  return Array.from({ length: table.numRows }, (_, row) => [...data.subarray(row * cols, (row + 1) * cols)]);
}

const column = (x: Vector) => tableOf({ x });
const nulls = (length: number) => new Vector([makeData({ type: new Null(), length })]);

describe('numbers', () => {
  const trusted = column(numbers([1, 2, 3, 4, 5, null]));
  const deviation = Math.sqrt(2.5);

  it('are standardised over the trusted rows that have one', () => {
    const encoded = encode(trusted);
    [1, 2, 3, 4, 5].forEach((value, row) => {
      expect(encoded[row]![0]).toBeCloseTo((value - 3) / deviation, 6);
      expect(encoded[row]![1]).toBe(0);
    });
  });

  it('say that they are missing, null and NaN alike', () => {
    expect(encode(trusted, column(numbers([null, Number.NaN])))).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  it('count logarithmically beyond five deviations, in order, up to infinity', () => {
    const at = (deviations: number) => encode(trusted, column(numbers([3 + deviations * deviation])))[0]![0]!;
    expect(at(4.99)).toBeCloseTo(4.99, 5);
    expect(at(6)).toBeCloseTo(5 + Math.log(2), 5);
    expect(at(-6)).toBeCloseTo(-at(6), 5);
    expect(at(1e4)).toBeCloseTo(5 + Math.log1p(1e4 - 5), 3);
    const farther = [5, 7, 100, 1e5, 1e300, Number.POSITIVE_INFINITY].map(at);
    expect(farther).toEqual([...farther].sort((a, b) => a - b));
    expect(at(Number.POSITIVE_INFINITY)).toBeLessThan(30);
    expect(at(Number.NEGATIVE_INFINITY)).toBe(-at(Number.POSITIVE_INFINITY));
  });

  it('of a constant column are nothing until one departs', () => {
    const constant = column(numbers(new Array<number>(9).fill(7)));
    expect(encode(constant)).toEqual(new Array(9).fill([0, 0]));
    expect(encode(constant, column(numbers([8, 6.9, 7])))).toEqual([
      [5, 0],
      [-5, 0],
      [0, 0],
    ]);
  });

  it('of a column that no trusted row fills stay finite', () => {
    const encoded = encode(column(numbers([null, Number.NaN, Number.POSITIVE_INFINITY])), column(numbers([1, null])));
    expect(encoded.flat().every(Number.isFinite)).toBe(true);
  });

  it('survive the greatest doubles among trusted rows', () => {
    const sentinel = column(numbers([1, 2, 3, Number.MAX_VALUE, Number.MAX_VALUE, -Number.MAX_VALUE]));
    expect(encode(sentinel).flat().every(Number.isFinite)).toBe(true);
  });

  it('are fitted on distinct rows only', () => {
    const table = column(numbers([1, 2, 3, 1000]));
    const model = fitTabular(table, ['x'], Int32Array.of(0, 1, 2));
    expect(encodeTabular(model, table).data[0]).toBeCloseTo(-1, 6);
  });
});

describe('what counts as a number', () => {
  it.each([
    ['32-bit integers', vectorFromArray([-1, 0, 1], new Int32())],
    ['64-bit integers', vectorFromArray([-1n, 0n, 1n], new Int64())],
    ['single precision', vectorFromArray([-1, 0, 1], new Float32())],
    ['indices into numbers', vectorFromArray([-1, 0, 1], new Dictionary(new Int32(), new Int32()))],
  ])('%s', (_, cells) => {
    expect(encode(column(cells))).toEqual([
      [-1, 0],
      [0, 0],
      [1, 0],
    ]);
  });

  it('booleans, as 0 and 1', () => {
    const encoded = encode(column(vectorFromArray([true, false, null], new Bool())));
    expect(encoded[0]![0]).toBeCloseTo(Math.SQRT1_2, 6);
    expect(encoded[1]![0]).toBeCloseTo(-Math.SQRT1_2, 6);
    expect(encoded[2]).toEqual([0, 1]);
  });

  it.each([128, 256])('decimals of %d bits, negative ones too', (bits) => {
    const words = (value: bigint) =>
      Array.from({ length: bits / 32 }, (_, word) => Number(BigInt.asUintN(32, value >> BigInt(32 * word))));
    const cells = [-150n, 0n, 150n, -12_345_678_901_234_567_890n];
    const data = Uint32Array.from(cells.flatMap(words));
    const type = new Decimal(2, 30, bits);
    const decimals = column(new Vector([makeData({ type, length: cells.length, data })]));
    const plain = column(numbers(cells.map((cell) => Number(cell) / 100)));
    const trusted = column(numbers([-1.5, 0, 1.5]));
    expect(encode(trusted, decimals)).toEqual(encode(trusted, plain));
    expect(encode(decimals)).toEqual(encode(plain));
  });

  it('integers too large for a double, as near as a double comes', () => {
    const large = column(vectorFromArray([2n ** 62n, -(2n ** 62n), 2n ** 62n + 1n], new Int64()));
    expect(encode(large).flat().every(Number.isFinite)).toBe(true);
  });

  it('the same numbers of another type in a batch', () => {
    const trusted = column(vectorFromArray([1n, 2n, 3n, 10n], new Int64()));
    expect(encode(trusted, column(numbers([1, 2, 3, 10])))).toEqual(encode(trusted));
  });
});

describe('a column of nulls', () => {
  it.each([
    ['numbers', column(numbers([1, 2, 3]))],
    ['categories', column(strings(['a', 'a', 'b']))],
    ['times', column(vectorFromArray([0, 1e11, 2e11], new TimestampMillisecond()))],
  ])('is missing %s, the same as nulls of their own type', (_, trusted) => {
    const typed = column(vectorFromArray([null, null], trusted.schema.fields[0]!.type));
    const encoded = encode(trusted, column(nulls(2)));
    expect(encoded).toEqual(encode(trusted, typed));
    expect(encoded[0]!.reduce((sum, value) => sum + value, 0)).toBe(1);
  });
});

describe('dates and timestamps', () => {
  it.each([
    ['dates', new DateDay()],
    ['timestamps', new TimestampMillisecond()],
  ])('%s are finite and the same every time', (_, type) => {
    const days = Array.from({ length: 800 }, (_, day) => (day % 50 === 7 ? null : new Date(day * 86_400_000 * 1.5)));
    const table = column(vectorFromArray(days, type));
    const encoded = encode(table);
    expect(encoded.flat().every(Number.isFinite)).toBe(true);
    expect(encode(table)).toEqual(encoded);
  });

  it('stay finite at the ends of time', () => {
    const trusted = column(vectorFromArray([0n, 10n ** 12n], new TimestampMillisecond()));
    const ends = vectorFromArray([2n ** 62n, -(2n ** 62n), null], new TimestampMillisecond());
    expect(encode(trusted, column(ends)).flat().every(Number.isFinite)).toBe(true);
  });
});

describe('categories', () => {
  const cells = [...new Array<string>(9).fill('blue'), ...new Array<string>(6).fill('red'), 'rare', null];
  const trusted = column(strings(cells));

  it('have a place each, then one for unseen and one for missing', () => {
    expect(encode(trusted, column(strings(['blue', 'red', 'never seen', null])))).toEqual([
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
    ]);
  });

  it('of fewer than five distinct trusted rows share the place of unseen ones', () => {
    expect(encode(trusted)[15]).toEqual([0, 0, 1, 0]);
    const once = fitTabular(trusted, ['x'], Int32Array.of(0, 1, 2, 3, 9, 10, 11, 12, 13));
    expect(once.dims).toBe(3);
  });

  it('read the same from a dictionary, or as numbers from a file without types', () => {
    const dictionary = vectorFromArray(cells, new Dictionary(new Utf8(), new Int32()));
    expect(encode(trusted, column(dictionary))).toEqual(encode(trusted));
    expect(encode(column(dictionary))).toEqual(encode(trusted));
    const codes = column(strings([...new Array<string>(5).fill('1'), ...new Array<string>(6).fill('2'), 'x']));
    expect(encode(codes, column(numbers([1, 2, 3])))).toEqual(encode(codes, column(strings(['1', '2', '3']))));
  });

  it('keep the most frequent 256', () => {
    const many = Array.from({ length: 300 * 6 }, (_, row) => `c${row % 300}`).concat(new Array<string>(3).fill('c299'));
    const model = fitted(column(strings(many)));
    expect(model.dims).toBe(256 + 2);
    const [last] = encode(column(strings(many)), column(strings(['c299'])));
    expect(last!.indexOf(1)).toBe(0);
  });

  it('may have any name', () => {
    const odd = ['__proto__', 'constructor', '', ' ', '\u0000'];
    const encoded = encode(column(strings(odd.flatMap((cell) => new Array<string>(5).fill(cell)))));
    expect(new Set(encoded.map((row) => row.indexOf(1))).size).toBe(odd.length);
  });
});

describe('several columns', () => {
  const parts = { number: numbers([1, 2, 3, 4, 5]), category: strings(['a', 'a', 'a', 'a', 'a']) };
  const trusted = tableOf(parts);

  it('are found by name, in whatever order a shard has them', () => {
    const turned = tableOf({ extra: numbers([9, 9, 9, 9, 9]), category: parts.category, number: parts.number });
    expect(encode(trusted, turned)).toEqual(encode(trusted));
  });

  it('are encoded row by row: no row depends on its company', () => {
    expect(encode(trusted, trusted.slice(3, 4))).toEqual([encode(trusted)[3]]);
    expect(encode(trusted, trusted.slice(0, 0))).toEqual([]);
  });
});
