import { type DataType, Field, Float32, Int64, List, Uint8, type Vector, vectorFromArray } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { fixLists, listSize, readLists } from '../../src/encode/index.js';
import { numbers, tableOf } from './tables.js';

type Cell = readonly unknown[] | null;

function anyLists(cells: readonly Cell[], item: DataType = new Float32()): Vector {
  return vectorFromArray(cells, new List(new Field('item', item, true)));
}

function read(column: Vector): { type: string; cells: (number[] | null)[] } {
  const size = listSize(column.type) ?? 0;
  const values = readLists(column, size);
  return {
    type: String(column.type),
    cells: Array.from({ length: column.length }, (_, row) =>
      column.get(row) === null ? null : [...values.subarray(row * size, (row + 1) * size)],
    ),
  };
}

const cells = [
  [1, 2],
  [3, 4],
  [5, 6],
];

describe('lists of any size', () => {
  it.each([
    ['Float32', new Float32(), (item: number) => item],
    ['Uint8', new Uint8(), (item: number) => item],
    ['Int64', new Int64(), (item: number) => BigInt(item)],
  ])('of %s become lists of the size that all rows have', (name, type, convert) => {
    const column = anyLists(
      cells.map((cell) => cell.map((item) => convert(item))),
      type,
    );
    const fixed = fixLists(tableOf({ n: numbers([1, 2, 3]), v: column }));
    expect(read(fixed.getChild('v')!)).toEqual({ type: `FixedSizeList[2]<${name}>`, cells });
    expect([...fixed.getChild('n')!]).toEqual([1, 2, 3]);
    expect(fixed.schema.fields.map((field) => String(field))).toEqual(['n: Float64', `v: FixedSizeList[2]<${name}>`]);
  });

  it('keep rows and items that are null, and can be sliced and joined', () => {
    const column = anyLists([[1, null], null, [5, 6], [7, 8]]).concat(anyLists([[9, 10], null]));
    const fixed = fixLists(tableOf({ v: column }));
    const wanted = [[1, Number.NaN], null, [5, 6], [7, 8], [9, 10], null];
    expect(read(fixed.getChild('v')!).cells).toEqual(wanted);
    expect(read(fixed.slice(2, 6).getChild('v')!).cells).toEqual(wanted.slice(2));
  });

  it('are read alike from a slice of a table', () => {
    const sliced = tableOf({ v: anyLists([[1, 2], [3, 4], null, [5, 6]]) }).slice(1, 4);
    expect(read(fixLists(sliced).getChild('v')!).cells).toEqual([[3, 4], null, [5, 6]]);
  });

  it('stay lists of any size where rows differ and no size is known', () => {
    const table = tableOf({ v: anyLists([[1, 2], [3]]) });
    expect(String(fixLists(table).getChild('v')!.type)).toBe('List<Float32>');
  });

  it('take the size that is known: rows of another are null', () => {
    const known = [{ name: 'v', type: 'FixedSizeList[2]<Float32>' }];
    const table = tableOf({ v: anyLists([[1, 2], [3], [4, 5, 6], [7, 8]]) });
    expect(read(fixLists(table, known).getChild('v')!).cells).toEqual([[1, 2], null, null, [7, 8]]);
    const empty = tableOf({ v: anyLists([null, null]) });
    expect(read(fixLists(empty, known).getChild('v')!)).toEqual({
      type: 'FixedSizeList[2]<Float32>',
      cells: [null, null],
    });
  });

  it('keep a size of their own when no row has the known one, for the schema to complain of', () => {
    const known = [{ name: 'v', type: 'FixedSizeList[5]<Float32>' }];
    const fixed = fixLists(tableOf({ v: anyLists(cells) }), known);
    expect(String(fixed.getChild('v')!.type)).toBe('FixedSizeList[2]<Float32>');
  });
});
