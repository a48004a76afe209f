import { Float16, Float32, Float64, Int64, makeData, Null, type Table, Uint8, Vector } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { encodeVectors, fitVectors } from '../../src/encode/vectors.js';
import { everyRow, lists, tableOf } from './tables.js';

function encode(trusted: Table, table = trusted): number[][] {
  const { data, cols } = encodeVectors(fitVectors(trusted, 'v', everyRow(trusted)), table);
  return Array.from({ length: table.numRows }, (_, row) => [...data.subarray(row * cols, (row + 1) * cols)]);
}

const cells = [
  [0, 10],
  [2, 10],
  [4, 16],
  [2, 4],
];
const trusted = tableOf({ v: lists(cells) });
// Centre (2, 10); squares 4 + 0 + 4 + 36 + 36 over eight cells.
const deviation = Math.sqrt(80 / 8);

describe('vectors', () => {
  it('are centred, in units of one deviation for all dimensions, so that distances keep their proportions', () => {
    const encoded = encode(trusted);
    cells.forEach(([a, b], row) => {
      expect(encoded[row]![0]).toBeCloseTo((a! - 2) / deviation, 5);
      expect(encoded[row]![1]).toBeCloseTo((b! - 10) / deviation, 5);
    });
  });

  it.each([
    ['pixels', new Uint8(), (cell: number) => cell],
    ['64-bit integers', new Int64(), (cell: number) => BigInt(cell)],
    ['half precision', new Float16(), (cell: number) => cell],
    ['double precision', new Float64(), (cell: number) => cell],
  ])('may be %s', (_, type, convert) => {
    const table = tableOf({
      v: lists(
        cells.map((cell) => cell.map((item) => convert(item))),
        type,
      ),
    });
    expect(encode(table)).toEqual(encode(trusted));
    expect(encode(trusted, table)).toEqual(encode(trusted));
  });

  it('that are missing differ from all trusted ones, as a whole and cell by cell', () => {
    const whole = encode(trusted, tableOf({ v: lists([[2, 10], null, [Number.NaN, Number.NaN]]) }));
    expect(whole[0]).toEqual([0, 0, 0]);
    expect(whole[1]).toEqual(whole[2]);
    expect(Math.hypot(...whole[1]!)).toBeGreaterThan(1);
    const half = encode(trusted, tableOf({ v: lists([[2, null]]) }));
    expect(half[0]![2]).toBeCloseTo(whole[1]![2]! / 2, 6);
  });

  it('of a column of nulls are missing', () => {
    const nulls = new Vector([makeData({ type: new Null(), length: 1 })]);
    expect(encode(trusted, tableOf({ v: nulls }))).toEqual(
      encode(trusted, tableOf({ v: lists([[2, 10], null]) })).slice(1),
    );
  });

  it.each([Number.POSITIVE_INFINITY, 3e38])('with cells of %d are far off, and finite', (huge) => {
    for (const sign of [1, -1]) {
      const [encoded] = encode(trusted, tableOf({ v: lists([[2, sign * huge]]) }));
      expect(encoded!.every((value) => Number.isFinite(value * value * 1e12))).toBe(true);
      expect(sign * encoded![1]!).toBeGreaterThan(1000);
    }
  });

  it('that are constant, or missing in every trusted row, stay finite', () => {
    const constant = tableOf({
      v: lists([
        [3, 3],
        [3, 3],
      ]),
    });
    expect(encode(constant)).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    const unfilled = tableOf({ v: lists([[Number.NaN, Number.POSITIVE_INFINITY], null], new Float32()) });
    expect(encode(unfilled, trusted).flat().every(Number.isFinite)).toBe(true);
  });
});
