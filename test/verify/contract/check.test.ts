import {
  Bool,
  type DataType,
  Dictionary,
  Field,
  Float32,
  Int32,
  Int64,
  List,
  Null,
  TimestampMillisecond,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import type { Contract, ContractColumn } from '../../../src/schema/index.js';
import { checkContract, holds } from '../../../src/verify/index.js';
import { lists, numbers, strings, tableOf } from '../../encode/tables.js';

function contractOf(...columns: readonly ContractColumn[]): Contract {
  return { version: 1, columns };
}

/** Checks one column named x against a constraint. */
function check(column: Vector, said: Partial<ContractColumn>) {
  const rule: ContractColumn = { name: 'x', type: String(column.type), role: 'feature', ...said };
  return checkContract(tableOf({ x: column }), contractOf(rule));
}

const day = (text: string) => new Date(text);
const times = (...cells: (string | null)[]) =>
  vectorFromArray(
    cells.map((cell) => (cell === null ? null : day(cell))),
    new TimestampMillisecond(),
  );
const category = (cells: readonly (string | null)[]) => vectorFromArray(cells, new Dictionary(new Utf8(), new Int32()));

describe('each constraint names its rows', () => {
  it.each([
    [
      'range',
      numbers([1, 99, null, -3]),
      { range: { min: 0, max: 10 } },
      [
        [1, '99'],
        [3, '-3'],
      ],
    ],
    ['range', numbers([1, Number.POSITIVE_INFINITY]), { range: { max: 10 } }, [[1, 'Infinity']]],
    ['range', vectorFromArray([1n, 50n], new Int64()), { range: { max: 10 } }, [[1, '50']]],
    ['range', times('2020-06-01', '2031-01-01', null), { range: { max: '2030-12-31' } }, [[1, '2031-01-01']]],
    [
      'range',
      times('2020-06-01T10:00:00Z'),
      { range: { min: '2020-06-01T12:00:00+01:00' } },
      [[0, '2020-06-01T10:00:00.000Z']],
    ],
    [
      'categories',
      strings(['a', 'b', 'ç', null, 'ab']),
      { categories: ['a', 'ç'] },
      [
        [1, 'b'],
        [4, 'ab'],
      ],
    ],
    [
      'categories',
      category(['a', 'b', null, 'b']),
      { categories: ['a'] },
      [
        [1, 'b'],
        [3, 'b'],
      ],
    ],
    ['categories', numbers([0, 1, 2, null]), { categories: ['0', 1] }, [[2, '2']]],
    ['categories', vectorFromArray([true, false, null], new Bool()), { categories: [true] }, [[1, 'false']]],
    [
      'length',
      strings(['ab', 'abcdef', 'ééé', '', null]),
      { length: { min: 1, max: 3 } },
      [
        [1, 'abcdef'],
        [3, ''],
      ],
    ],
    ['length', strings(['😀😀', '😀😀😀']), { length: { max: 2 } }, [[1, '😀😀😀']]],
    ['length', category(['ab', 'abcdef', null]), { length: { max: 3 } }, [[1, 'abcdef']]],
    [
      'maxNullShare',
      numbers([1, null, Number.NaN, 2]),
      { maxNullShare: 0.25 },
      [
        [1, 'null'],
        [2, 'null'],
      ],
    ],
    ['maxNullShare', strings(['a', null]), { maxNullShare: 0 }, [[1, 'null']]],
    ['maxNullShare', category([null, 'a']), { maxNullShare: 0 }, [[0, 'null']]],
    [
      'size',
      lists([[1, 2], null, [3, 4]]),
      { size: 3, type: 'FixedSizeList[2]<Float32>' },
      [
        [0, '[1,2]'],
        [2, '[3,4]'],
      ],
    ],
    [
      'size',
      vectorFromArray([[1], [1, 2], null], new List(new Field('item', new Float32(), true))),
      { size: 2 },
      [[0, '[1]']],
    ],
  ] as const)('%s %#', (constraint, column, said, expected) => {
    const breaches = check(column, said as Partial<ContractColumn>);
    expect(breaches).toHaveLength(1);
    const [breach] = breaches;
    expect(breach).toMatchObject({ column: 'x', constraint, rows: expected.length });
    expect(breach!.firstRows).toEqual(expected.map(([row, value]) => ({ row, value })));
    expect(breach!.summary).toContain(`column x: ${expected.length} of ${column.length} rows`);
  });

  it('and counts all of them, but shows five, shortened', () => {
    const [breach] = check(strings(Array.from({ length: 9 }, (_, row) => `${row}${'z'.repeat(500)}`)), {
      length: { max: 3 },
    });
    expect(breach!.rows).toBe(9);
    expect(breach!.firstRows.map(({ row }) => row)).toEqual([0, 1, 2, 3, 4]);
    expect(breach!.summary.length).toBeLessThan(150);
  });

  it('in every chunk of a column', () => {
    const column = strings(['a', 'b'])
      .concat(strings(['a', 'c']))
      .slice(1);
    expect(check(column, { categories: ['a'] })[0]!.firstRows).toEqual([
      { row: 0, value: 'b' },
      { row: 2, value: 'c' },
    ]);
    const parts = numbers([1, 20])
      .concat(numbers([null, 30]))
      .slice(1);
    expect(check(parts, { range: { max: 10 } })[0]!.firstRows.map(({ row }) => row)).toEqual([0, 2]);
    expect(check(parts, { maxNullShare: 0 })[0]!.firstRows.map(({ row }) => row)).toEqual([1]);
  });
});

describe('what keeps the contract', () => {
  it.each([
    ['the ends of a range', numbers([0, 10, null]), { range: { min: 0, max: 10 } }],
    ['the last moment of the last day', times('2030-12-31T23:59:59Z'), { range: { max: '2030-12-31' } }],
    ['exactly the share of nulls', numbers([1, null, null, 2]), { maxNullShare: 0.5 }],
    [
      'a column without a single value',
      vectorFromArray([null, null], new Null()),
      { type: 'Utf8', categories: ['a'], length: { min: 1 } },
    ],
    ['an empty shard', strings([]), { categories: ['a'], maxNullShare: 0, length: { min: 1 } }],
    ['numbers of another width', vectorFromArray([1, 2], new Int32()), { type: 'Float64', range: { min: 0 } }],
    ['what is ignored', strings(['a']), { type: 'Float64', role: 'ignore' as const }],
    ['a label of another type', numbers([1, 2]), { type: 'Utf8', role: 'label' as const, categories: ['1', '2'] }],
  ])('%s', (_, column, said) => {
    expect(check(column, said)).toEqual([]);
  });

  it('a share of nulls that was guessed, as far as chance explains it; one that a person has set is taken exactly', () => {
    const column = (missing: number) => numbers(Array.from({ length: 50 }, (_, row) => (row < missing ? null : row)));
    const guessed = { maxNullShare: 0.01, guessed: ['maxNullShare'] as const };
    expect(check(column(2), guessed)).toEqual([]);
    expect(check(column(8), guessed)).toHaveLength(1);
    expect(check(column(2), { maxNullShare: 0.01 })).toHaveLength(1);
  });
});

describe('the shape of a table', () => {
  const rule = (name: string, more: Partial<ContractColumn> = {}): ContractColumn => ({
    name,
    type: 'Float64',
    role: 'feature',
    ...more,
  });

  it('lacks a column, has one of another type, and more than were asked for', () => {
    const contract = contractOf(rule('a'), rule('b'), rule('c', { role: 'id', optional: true }));
    const breaches = checkContract(tableOf({ b: strings(['x']), d: numbers([1]), e: numbers([2]) }), contract);
    expect(breaches.map(({ column, constraint }) => [column, constraint])).toEqual([
      ['a', 'missing'],
      ['b', 'type'],
      ['d, e', 'unexpected'],
    ]);
    expect(breaches.map(({ summary }) => summary)).toEqual([
      'column a (feature) is missing, the contract asks for it',
      'column b is Utf8, the contract says Float64',
      'the contract does not name columns d, e',
    ]);
  });

  it('holds also as advice; more columns never do', () => {
    const of = (constraint: Parameters<typeof holds>[0]['constraint']) => ({
      column: 'x',
      constraint,
      rows: 1,
      firstRows: [],
      summary: '',
    });
    for (const constraint of ['missing', 'type'] as const) expect(holds(of(constraint), true)).toBe(true);
    for (const constraint of ['range', 'categories', 'length', 'size', 'maxNullShare'] as const) {
      expect(holds(of(constraint), true)).toBe(false);
      expect(holds(of(constraint), false)).toBe(true);
    }
    expect(holds(of('unexpected'), false)).toBe(false);
  });

  it('may have names that mean something to JavaScript, and makes one breach of ten thousand columns', () => {
    const names = ['__proto__', 'constructor', 'a\u001b[2J', ''];
    const table = tableOf(Object.fromEntries(names.map((name) => [name, numbers([5])])));
    const contract = contractOf(...names.map((name) => rule(name, { range: { max: 1 } })));
    expect(table.schema.fields.map(({ name }) => name)).toEqual(names);
    expect(checkContract(table, contract).map(({ column, constraint }) => [column, constraint])).toEqual(
      names.map((name) => [name, 'range']),
    );
    const wide = tableOf(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`c${i}`, numbers([i])])));
    const [missing, unexpected, ...more] = checkContract(wide, contractOf(rule('x')));
    expect([missing!.constraint, unexpected!.constraint, more]).toEqual(['missing', 'unexpected', []]);
    expect(unexpected!.summary).toContain('and 995 more');
  });
});

it('knows how a column is stored from its type alone', () => {
  const types: DataType[] = [new Float32(), new Int32()];
  for (const type of types) {
    expect(check(vectorFromArray([1, 2, 300], type), { range: { max: 10 } })[0]!.rows).toBe(1);
  }
});
