import { beforeAll, expect, test } from 'vitest';
import { type Matrix, nearestDistances, normals, seededRandom, startBackend } from '../../src/linear/index.js';

beforeAll(() => startBackend('wasm'));

function points(rows: number, cols: number, seed: string): Matrix {
  return { rows, cols, data: normals(seededRandom(seed), rows * cols) };
}

function slowly(rows: Matrix, references: Matrix, count: number, isOwn: (row: number, r: number) => boolean) {
  const row = ({ cols, data }: Matrix, at: number) => data.subarray(at * cols, (at + 1) * cols);
  return Array.from({ length: rows.rows }, (_, i) => {
    const nearest = Array.from({ length: references.rows }, (_, r) => r)
      .filter((r) => !isOwn(i, r))
      .map((r) => Math.hypot(...row(rows, i).map((value, d) => value - row(references, r)[d]!)))
      .sort((a, b) => a - b)
      .slice(0, count);
    return nearest.reduce((sum, one) => sum + one, 0) / nearest.length;
  });
}

test('averages the distances to the nearest references, over more rows than a chunk holds', () => {
  const rows = points(2500, 7, 'rows');
  const references = points(40, 7, 'references');
  const isOwn = (row: number, r: number) => row % 40 === r;
  const expected = slowly(rows, references, 5, isOwn);
  nearestDistances(rows, references, 5, isOwn).forEach((distance, row) => {
    expect(distance).toBeCloseTo(expected[row]!, 5);
  });
});

test('rows equal to enough references are at no distance, far from the origin too', () => {
  const rows = { rows: 3, cols: 2, data: Float32Array.from([4096.5, 7, 4096.5, 7, 4096.5, 7]) };
  expect([...nearestDistances(rows, rows, 2, (row, r) => row === r)]).toEqual([0, 0, 0]);
});

test('fewer references than wanted are all taken, and a row without any has no distance', () => {
  const rows = { rows: 2, cols: 1, data: Float32Array.from([0, 10]) };
  const references = { rows: 1, cols: 1, data: Float32Array.from([4]) };
  expect([...nearestDistances(rows, references, 5, (row) => row === 1)]).toEqual([4, Number.NaN]);
  const none = { rows: 0, cols: 1, data: new Float32Array(0) };
  expect([...nearestDistances(rows, none, 5, () => false)]).toEqual([Number.NaN, Number.NaN]);
});
