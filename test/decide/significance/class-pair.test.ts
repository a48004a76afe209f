import { expect, it } from 'vitest';
import { pairStatistic } from '../../../src/decide/significance/class-pair.js';
import { seededRandom } from '../../../src/linear/index.js';
import { rejectionsBeyondBound } from '../bounds.js';
import { calibrateOn, type Judge, type Row, tallyOf } from '../rows.js';

const judge: Judge = { strata: { count: 3, ofClass: Int32Array.of(0, 1, 2) }, classes: 3 };

/** `pairs` of `rows` rows labelled 0 are called 2, every third of the others 1; and rows of other labels. */
function rowsOf(pairs: number, rows: number): Row[] {
  const called = (i: number) => (i < pairs ? 2 : i % 3 === 0 ? 1 : 0);
  const others = Array.from({ length: 40 }, (_, i): Row => ({ label: 1, score: 0.5, called: i % 3 }));
  return [...Array.from({ length: rows }, (_, i): Row => ({ label: 0, score: 0.5, called: called(i) })), ...others];
}

function compare(scope: readonly Row[], trusted: readonly Row[]) {
  const calibration = calibrateOn(trusted, judge);
  return pairStatistic(0, 2, 3)(tallyOf(scope, judge, [calibration]), calibration, 0);
}

// scipy.stats.fisher_exact([[x, n - x], [y, m - y]], alternative='greater')
it.each([
  [6, 40, 9, 300, 0.004108867676495294],
  [3, 10, 0, 50, 0.0035067212156633543],
  [40, 200, 60, 1000, 4.210682475412656e-9],
  [12, 12, 1, 60, 8.461732364588198e-13],
  [25, 500, 10, 4000, 5.0605000105335375e-17],
])('%d of %d rows against %d of %d trusted ones', (pairs, rows, trustedPairs, trustedRows, expected) => {
  const { excess, pValueBeyond } = compare(rowsOf(pairs, rows), rowsOf(trustedPairs, trustedRows));
  expect(Math.abs(pValueBeyond(0) / expected - 1)).toBeLessThan(1e-9);
  expect(excess).toMatchObject({ rows, rowsPerUnit: 1 });
  expect(excess.value).toBeCloseTo(pairs - (rows * trustedPairs) / trustedRows, 9);
});

it('tolerates whole rows', () => {
  const { pValueBeyond } = compare(rowsOf(6, 40), rowsOf(9, 300));
  expect(pValueBeyond(0.9)).toBe(pValueBeyond(0));
  const tolerated = [0, 1, 2, 3, 4, 5, 6].map((rows) => pValueBeyond(rows));
  expect(tolerated).toEqual([...tolerated].sort((a, b) => a - b));
  expect(tolerated.at(-1)).toBe(1);
});

it('says nothing without trusted rows of the class, or rows of it in the scope', () => {
  const others = rowsOf(0, 0);
  expect(compare(rowsOf(10, 10), others).pValueBeyond(0)).toBe(1);
  expect(compare(rowsOf(10, 10), others).excess).toMatchObject({ value: 0, variance: 0 });
  expect(compare(others, rowsOf(9, 300)).pValueBeyond(0)).toBe(1);
});

it('varies as it says where nothing is wrong, and rejects as often as it promises, at most', () => {
  const random = seededRandom('pairs');
  const draw = (rows: number) => rowsOf(Array.from({ length: rows }, random).filter((u) => u < 0.08).length, rows);
  const tested = Array.from({ length: 2500 }, () => compare(draw(60), draw(200)));
  expect(rejectionsBeyondBound(tested.map(({ pValueBeyond }) => pValueBeyond(0)))).toEqual([]);
  const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = meanOf(tested.map(({ excess }) => excess.variance));
  const ratio = meanOf(tested.map(({ excess }) => excess.value ** 2)) / variance;
  expect(Math.abs(ratio - 1)).toBeLessThan(0.15);
  expect(meanOf(tested.map(({ excess }) => excess.value))).toBeCloseTo(0, 0);
});
