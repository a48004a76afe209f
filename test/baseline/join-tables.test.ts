import {
  DateDay,
  Dictionary,
  Float32,
  Float64,
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
import { joinTables } from '../../src/baseline/join-tables.js';
import { lists, numbers, strings, tableOf } from '../encode/tables.js';

const nulls = (length: number) => new Vector([makeData({ type: new Null(), length })]);
const category = (cells: (string | null)[]) => vectorFromArray(cells, new Dictionary(new Utf8(), new Int32()));

function join(...columns: Vector[]): { type: string; cells: unknown[] } {
  const x = joinTables(columns.map((column) => tableOf({ x: column }))).getChild('x')!;
  return { type: String(x.type), cells: [...x].map((cell) => (cell instanceof Vector ? [...cell] : cell)) };
}

describe('joined tables', () => {
  it('hold the rows of all, in order, with the columns of the first', () => {
    const first = tableOf({ b: numbers([1, 2]), a: strings(['x', null]) });
    const second = tableOf({ extra: numbers([9]), a: strings(['y']), b: numbers([3]) });
    const joined = joinTables([first, second]);
    expect(joined.schema.fields.map(({ name }) => name)).toEqual(['b', 'a']);
    expect([...joined.getChild('b')!]).toEqual([1, 2, 3]);
    expect([...joined.getChild('a')!]).toEqual(['x', null, 'y']);
  });

  it('of one table or none are what was given', () => {
    const table = tableOf({ a: numbers([1]) });
    expect(joinTables([table])).toBe(table);
    expect(joinTables([]).numRows).toBe(0);
  });

  it('may have columns of any name', () => {
    const table = (cell: number): Table =>
      tableOf(Object.fromEntries(['2', '1', '__proto__', 'constructor'].map((name) => [name, numbers([cell])])));
    const joined = joinTables([table(1), table(2)]);
    for (const name of ['2', '1', '__proto__', 'constructor']) expect([...joined.getChild(name)!]).toEqual([1, 2]);
  });
});

describe('columns of different types', () => {
  it('become numbers where all are numbers', () => {
    const joined = join(
      vectorFromArray([1n, null], new Int64()),
      vectorFromArray([2.5], new Float32()),
      vectorFromArray([3], new Int32()),
    );
    expect(joined).toEqual({ type: 'Float64', cells: [1, null, 2.5, 3] });
  });

  it('become strings where some are', () => {
    expect(join(numbers([1, null]), strings(['two']))).toEqual({ type: 'Utf8', cells: ['1', null, 'two'] });
  });

  it('keep their type beside a file in which the column is empty', () => {
    expect(join(nulls(2), numbers([1]))).toEqual({ type: 'Float64', cells: [null, null, 1] });
    expect(join(numbers([1]), nulls(1), vectorFromArray([2n], new Int64()))).toEqual({
      type: 'Float64',
      cells: [1, null, 2],
    });
    expect(join(nulls(1), strings(['a']))).toEqual({ type: 'Utf8', cells: [null, 'a'] });
    expect(join(nulls(1), lists([[1, 2]]))).toEqual({ type: 'FixedSizeList[2]<Float32>', cells: [null, [1, 2]] });
    expect(join(vectorFromArray([new Date(0)], new DateDay()), nulls(1))).toMatchObject({ type: 'Date32<DAY>' });
    expect(join(nulls(1), category(['a'])).cells).toEqual([null, 'a']);
    expect(join(nulls(1), nulls(1))).toEqual({ type: 'Null', cells: [null, null] });
  });

  it('stay vectors where the sizes agree', () => {
    const joined = join(lists([[1, 2], null], new Float32()), lists([[3, 4]], new Float64()));
    expect(joined).toEqual({
      type: 'FixedSizeList[2]<Float32>',
      cells: [
        [1, 2],
        [Number.NaN, Number.NaN],
        [3, 4],
      ],
    });
  });

  it('stay times where all are', () => {
    const joined = join(
      vectorFromArray([new Date(86_400_000)], new DateDay()),
      vectorFromArray([5], new TimestampMillisecond()),
    );
    expect(joined).toEqual({ type: 'Timestamp<MILLISECOND>', cells: [86_400_000, 5] });
  });

  it('become strings where vectors differ in size', () => {
    expect(join(lists([[1, 2]]), lists([[1, 2, 3]])).type).toBe('Utf8');
  });

  it('keep dictionaries apart: a code means what its own file says', () => {
    const joined = join(category(['red', 'blue']), category(['blue', null, 'green']));
    expect(joined.cells).toEqual(['red', 'blue', 'blue', null, 'green']);
    expect(join(category(['red']), strings(['blue'])).cells).toEqual(['red', 'blue']);
  });
});
