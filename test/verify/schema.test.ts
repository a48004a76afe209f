import {
  Binary,
  Bool,
  type DataType,
  DateDay,
  Decimal,
  Dictionary,
  Field,
  FixedSizeList,
  Float16,
  Float32,
  Float64,
  Int32,
  Int64,
  IntervalYearMonth,
  List,
  Null,
  Schema,
  Struct,
  Table,
  TimestampMillisecond,
  Uint8,
  Utf8,
} from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { checkSchema } from '../../src/verify/index.js';

const list = (size: number, item: DataType) => new FixedSizeList(size, new Field('item', item, true));
const category = new Dictionary(new Utf8(), new Int32());

function tableWith(columns: Record<string, DataType>): Table {
  return new Table(new Schema(Object.entries(columns).map(([name, type]) => new Field(name, type, true))));
}

/** What is wrong with a column `x` of type `actual` where trusted rows have `expected`. */
function breachOf(expected: DataType, actual: DataType, role = 'feature'): string | undefined {
  return checkSchema(tableWith({ x: actual }), [{ name: 'x', role, type: String(expected) }])[0]?.summary;
}

describe('a missing column', () => {
  it('is named with others as long as they are few, and the label however many they are', () => {
    const missing = (count: number) =>
      checkSchema(tableWith({ other: new Utf8() }), [
        ...Array.from({ length: count }, (_, index) => ({ name: `f${index}`, role: 'feature', type: 'Float64' })),
        { name: 'l', role: 'label', type: 'Utf8' },
      ]).map(({ summary }) => summary);
    expect(missing(21)).toHaveLength(22);
    const many = missing(10_000);
    expect(many).toHaveLength(22);
    expect(many.slice(-3)).toEqual([
      'column f19 (feature) is missing',
      'column l (label) is missing',
      '9980 more columns are missing or of another type, the first of them f20',
    ]);
  });

  it.each(['label', 'feature', 'text', 'image', 'embedding', 'prompt', 'response'])(
    'is a breach when it is a %s',
    (role) => {
      expect(checkSchema(tableWith({ other: new Int32() }), [{ name: 'x', role, type: 'Int32' }])).toEqual([
        { column: 'x', summary: `column x (${role}) is missing` },
      ]);
    },
  );

  it.each(['source', 'group', 'id', 'ignore'])('is none when it is a %s', (role) => {
    expect(checkSchema(tableWith({}), [{ name: 'x', role, type: 'Int32' }])).toEqual([]);
  });

  it('is reported along with every other breach', () => {
    const expected = ['a', 'b', 'c'].map((name) => ({ name, role: 'feature', type: 'Float64' }));
    const breaches = checkSchema(tableWith({ b: new Utf8(), c: new Float64() }), expected);
    expect(breaches.map(({ column }) => column)).toEqual(['a', 'b']);
  });
});

describe('a column of another type', () => {
  it.each([
    [
      'numbers of any width',
      new Float64(),
      [new Int32(), new Int64(), new Float32(), new Bool(), new Decimal(2, 10, 128)],
    ],
    ['times', new TimestampMillisecond(), [new DateDay(), new Int64()]],
    ['numbers in a dictionary', new Int32(), [new Dictionary(new Int64(), new Int32())]],
    ['categories in a dictionary or not', category, [new Utf8()]],
    ['categories in a dictionary or not', new Utf8(), [category]],
    ['codes that a file without types shows as numbers', new Utf8(), [new Int64(), new Float64(), new Bool()]],
    ['codes that a file without types shows as numbers', category, [new Int64()]],
    [
      'vectors of any number',
      list(4, new Float32()),
      [list(4, new Float64()), list(4, new Float16()), list(4, new Int64()), list(4, new Uint8())],
    ],
  ])('may be: %s', (_, expected, actuals) => {
    for (const actual of actuals) expect(breachOf(expected, actual)).toBeUndefined();
  });

  it.each([new Float64(), new Utf8(), category, new DateDay(), list(3, new Uint8())])(
    'may be all null: %s',
    (expected) => {
      expect(breachOf(expected, new Null())).toBeUndefined();
    },
  );

  it.each([
    ['words for numbers', new Float64(), new Utf8()],
    ['words for times', new DateDay(), category],
    ['a vector of another size', list(4, new Float32()), list(5, new Float32())],
    ['a vector of words', list(4, new Float32()), list(4, new Utf8())],
    ['a vector of flags', list(4, new Float32()), list(4, new Bool())],
    ['a vector of times', list(4, new Float32()), list(4, new TimestampMillisecond())],
    ['a vector of vectors', list(4, new Float32()), list(4, list(2, new Float32()))],
    ['a list of any size', list(4, new Float32()), new List(new Field('item', new Float32()))],
    ['a number for a vector', list(4, new Float32()), new Float32()],
    ['a vector for a number', new Float32(), list(1, new Float32())],
    ['a vector for a word', new Utf8(), list(1, new Float32())],
    ['bytes for words', new Utf8(), new Binary()],
    ['bytes in a dictionary', new Float64(), new Dictionary(new Binary(), new Int32())],
    ['a record', new Float64(), new Struct([new Field('a', new Float64())])],
    ['an interval', new Float64(), new IntervalYearMonth()],
  ])('may not be %s', (_, expected, actual) => {
    expect(breachOf(expected, actual)).toBe(`column x is ${actual}, not ${expected}`);
  });

  it('may be anything where it is the label: an unknown label is no other type', () => {
    expect(breachOf(new Utf8(), new Int32(), 'label')).toBeUndefined();
    expect(breachOf(new Int32(), new Utf8(), 'label')).toBeUndefined();
  });
});
