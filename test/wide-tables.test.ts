import { Field, Float64, makeData, RecordBatch, Schema, Struct, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import '../src/wide-tables.js';

const table = new Table({
  a: vectorFromArray([1, 2, 3], new Float64()),
  b: vectorFromArray(['x', 'y', 'z'], new Utf8()),
  toString: vectorFromArray([4, 5, 6], new Float64()),
});

describe('columns of tables', () => {
  it('are found by their names, and others are not there', () => {
    expect([...table.getChild('a')!]).toEqual([1, 2, 3]);
    expect([...table.getChild('b')!]).toEqual(['x', 'y', 'z']);
    expect([...table.getChild('toString')!]).toEqual([4, 5, 6]);
    expect(table.getChild('c' as 'a')).toBeNull();
    expect(table.getChild('constructor' as 'a')).toBeNull();
  });

  it('are those of each table, whatever it was made of', () => {
    const other = table.select(['b', 'a']);
    expect([...other.getChild('a')!]).toEqual([1, 2, 3]);
    expect(other.getChild('toString' as 'a')).toBeNull();
    expect([...table.slice(1, 2).getChild('b')!]).toEqual(['y']);
    expect([...table.assign(new Table({ a: vectorFromArray([7, 8, 9], new Float64()) })).getChild('a')!]).toEqual([
      7, 8, 9,
    ]);
  });

  it('of equal names are the first', () => {
    const number = (value: number) => makeData({ type: new Float64(), data: Float64Array.of(value) });
    const schema = new Schema(['a', 'b', 'b'].map((name) => new Field(name, new Float64(), true)));
    const children = [1, 2, 3].map(number);
    const data = makeData({ type: new Struct(schema.fields), length: 1, nullCount: 0, children });
    expect([...new Table(schema, [new RecordBatch(schema, data)]).getChild('b')!]).toEqual([2]);
  });

  it('take what a schema is assigned', () => {
    const schema = new Schema([new Field('a', new Float64(), false)], new Map([['of', 'mine']]));
    expect(schema.assign([...schema.fields])).toBe(schema);
    const wider = schema.assign([new Field('a', new Utf8(), true), new Field('b', new Float64(), true)]);
    expect(wider.fields.map(({ name, type }) => `${name} ${type}`)).toEqual(['a Utf8', 'b Float64']);
    expect(schema.assign(new Schema([new Field('b', new Utf8(), true)])).names).toEqual(['a', 'b']);
    expect(wider.metadata.get('of')).toBe('mine');
  });

  it('that are cut short may lack values', () => {
    const schema = new Schema(['a', 'b'].map((name) => new Field(name, new Float64(), false)));
    const children = [[1, 2], [3]].map((values) => makeData({ type: new Float64(), data: Float64Array.from(values) }));
    const batch = new RecordBatch(
      schema,
      makeData({ type: new Struct(schema.fields), length: 2, nullCount: 0, children }),
    );
    expect(batch.schema.fields.map(({ nullable }) => nullable)).toEqual([false, true]);
    expect([...new Table([batch]).getChild('b')!]).toEqual([3, null]);
  });
});
