import { beforeAll, describe, expect, test } from 'vitest';
import { auroc } from '../../bench/ranking.js';
import { fitNeighbours, scoreNeighbours } from '../../src/detect/subspace-neighbours.js';
import { type Matrix, normals, seededRandom, selectRows, startBackend } from '../../src/linear/index.js';

beforeAll(() => startBackend('wasm'));

const usual = 600;
const odd = 30;

/** Rows near a plane in eight columns, then rows off it that no column alone shows. */
function planeAndBeyond(): Matrix {
  const random = seededRandom('plane');
  const cols = 8;
  const data = new Float32Array((usual + odd) * cols);
  for (let row = 0; row < usual + odd; row++) {
    const [a = 0, b = 0] = normals(random, 2);
    const noise = normals(random, cols);
    for (let d = 0; d < cols; d++) {
      const onPlane = (d % 2 === 0 ? a : b) + 0.1 * (noise[d] as number);
      data[row * cols + d] = row < usual ? onPlane : (noise[d] as number);
    }
  }
  return { rows: usual + odd, cols, data };
}

const isOdd = (row: number) => row >= usual;
const itself = (row: number, fitted: number) => row === fitted;

describe('subspace neighbours', () => {
  test('rank rows unlike the others first, though they were among the rows of the fit', () => {
    const rows = planeAndBeyond();
    expect(auroc(scoreNeighbours(fitNeighbours(rows, 'a'), rows, itself), isOdd)).toBeGreaterThan(0.93);
  });

  test('score rows that the fit has not seen', () => {
    const rows = planeAndBeyond();
    const even = Array.from({ length: rows.rows / 2 }, (_, at) => 2 * at);
    const uneven = even.map((row) => row + 1);
    const scores = scoreNeighbours(fitNeighbours(selectRows(rows, even), 'a'), selectRows(rows, uneven));
    expect(auroc(scores, (at) => isOdd(uneven[at] as number))).toBeGreaterThan(0.93);
  });

  test('give a row the same score whichever rows it is scored with', () => {
    const rows = planeAndBeyond();
    const model = fitNeighbours(rows, 'a');
    const some = [629, 3, 77, 601];
    const all = scoreNeighbours(model, rows);
    expect([...scoreNeighbours(model, selectRows(rows, some))]).toEqual(some.map((row) => all[row]));
  });

  test('are the same for the same seed, and survive being sent to another process', () => {
    const rows = planeAndBeyond();
    const model = fitNeighbours(rows, 'a');
    expect(fitNeighbours(rows, 'a')).toEqual(model);
    expect(scoreNeighbours(structuredClone(model), rows)).toEqual(scoreNeighbours(model, rows));
    expect(fitNeighbours(rows, 'b')).not.toEqual(model);
  });

  test('do not let copies of an outlier vouch for one another', () => {
    const rows = planeAndBeyond();
    const copied = selectRows(rows, [...Array(usual).keys(), ...Array<number>(25).fill(usual)]);
    const group = (row: number) => Math.min(row, usual);
    const model = fitNeighbours(copied, 'a');
    const scores = scoreNeighbours(model, copied, (row, fitted) => group(row) === group(fitted));
    const above = scores.slice(0, usual).filter((score) => score >= (scores[usual] as number));
    expect(above.length).toBeLessThan(0.05 * usual);
  });

  test('rank a row first that alone departs where all rows of the fit agree', () => {
    const rows = planeAndBeyond();
    const flagged: Matrix = { rows: rows.rows, cols: 9, data: new Float32Array(rows.rows * 9) };
    for (let row = 0; row < rows.rows; row++) flagged.data.set(rows.data.subarray(row * 8, (row + 1) * 8), row * 9);
    const model = fitNeighbours(flagged, 'a');
    flagged.data[4 * 9 + 8] = 20;
    const scores = scoreNeighbours(model, flagged, itself);
    expect(scores.indexOf(Math.max(...scores))).toBe(4);
  });

  test('scale with the unit of measurement not at all', () => {
    const rows = planeAndBeyond();
    const larger = { ...rows, data: rows.data.map((value) => value * 1024) };
    const scores = scoreNeighbours(fitNeighbours(rows, 'a'), rows, itself);
    scoreNeighbours(fitNeighbours(larger, 'a'), larger, itself).forEach((score, row) => {
      expect(score).toBeCloseTo(scores[row] as number, 6);
    });
  });

  test.each([
    ['one column, all cells equal', { rows: 50, cols: 1, data: new Float32Array(50) }],
    ['three rows', { rows: 3, cols: 2, data: Float32Array.from([1, 2, 3, 4, 5, 7]) }],
  ])('have a number for every row: %s', (_, rows) => {
    const scores = scoreNeighbours(fitNeighbours(rows, 'a'), rows, itself);
    expect([...scores].every(Number.isFinite)).toBe(true);
  });

  test('a row that is alone has no score', () => {
    const rows = { rows: 1, cols: 2, data: Float32Array.from([1, 2]) };
    expect([...scoreNeighbours(fitNeighbours(rows, 'a'), rows, itself)]).toEqual([Number.NaN]);
  });
});
