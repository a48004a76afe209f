import {
  Bool,
  DateMillisecond,
  Decimal,
  Dictionary,
  Field,
  Float16,
  Int32,
  Int64,
  Null,
  Struct,
  TimestampMicrosecond,
  Uint8,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';
import { expect, it } from 'vitest';
import { assignRoles, readNumbers, readStrings, rowDigests, takeRows } from '../../src/encode/index.js';
import { lists, numbers, strings, tableOf } from './tables.js';

const chosen = Int32Array.of(3, 0, 2);

const columns: Readonly<Record<string, Vector>> = {
  floats: numbers([1.5, Number.NaN, null, -0]),
  halves: vectorFromArray([1, 2, null, 4], new Float16()),
  integers: vectorFromArray([1, 2, null, 4], new Int32()),
  large: vectorFromArray([1n, 2n ** 60n, null, 4n], new Int64()),
  truths: vectorFromArray([true, false, null, true], new Bool()),
  words: strings(['a', '', null, 'ä\u202e']),
  dictionary: vectorFromArray(['a', 'b', null, 'a'], new Dictionary(new Utf8(), new Int32())),
  days: vectorFromArray([new Date(0), new Date(864e5), null, new Date(5 * 864e5)], new DateMillisecond()),
  moments: vectorFromArray([0, 1000, null, 5e6], new TimestampMicrosecond()),
  decimals: vectorFromArray([Uint32Array.of(150, 0, 0, 0), null, null, Uint32Array.of(7, 0, 0, 0)], new Decimal(2, 9)),
  pixels: lists(
    [
      [1, 2],
      [3, 4],
      [5, 6],
      [255, 0],
    ],
    new Uint8(),
  ),
  vectors: lists([[1, 2], null, [0.5, 6], [7, 8]]),
  nothing: vectorFromArray([null, null, null, null], new Null()),
  nested: vectorFromArray([{ x: 1 }, null, { x: 2 }, { x: 3 }], new Struct([new Field('x', new Int32(), true)])),
};

const COPIES = 200;
/** Rows enough for three of them to be few. */
const long = Object.fromEntries(
  Object.entries(columns).map(([name, column]) => [name, column.concat(...new Array<Vector>(COPIES).fill(column))]),
);
const cases = Object.keys(columns).flatMap((name) => [
  { name, of: 'four rows', column: columns[name]! },
  { name, of: 'many rows', column: long[name]! },
]);

it.each(cases)('taken rows of $name, of $of, say the same as before', ({ name, column }) => {
  const whole = tableOf({ [name]: column });
  const taken = takeRows(whole, chosen);
  const pick = <T>(cells: ArrayLike<T>) => Array.from(chosen, (row) => cells[row]);
  expect([...rowDigests(taken, [name])]).toEqual(pick(rowDigests(whole, [name])));
  const [role] = assignRoles(taken, { ids: [] }, 'taken');
  expect(role?.role).toBe(assignRoles(whole, { ids: [] }, 'whole')[0]?.role);
  if (['days', 'moments', 'decimals'].includes(name)) {
    expect([...readNumbers(taken.getChild(name)!)]).toEqual(pick(readNumbers(whole.getChild(name)!)));
  } else if (role?.role === 'feature') {
    expect(readStrings(taken.getChild(name)!)).toEqual(pick(readStrings(whole.getChild(name)!)));
  }
});

it('taking no rows leaves the columns', () => {
  const none = takeRows(tableOf(columns), new Int32Array(0));
  expect(none.numRows).toBe(0);
  expect(none.schema.fields.map(({ name }) => name)).toEqual(Object.keys(columns));
});
