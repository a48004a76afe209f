import { expect, test } from 'vitest';
import { calibrateTests, judgeCalibration } from '../../bench/calibration/judge.js';
import { drawPValues } from '../../bench/calibration/laws.js';
import { plotCalibration } from '../../bench/calibration/plot.js';
import { seededRandom } from '../../src/linear/index.js';

/** `npm run bench:calibration` takes 20,000. */
const RESAMPLES = 400;

test('sound data have small p-values no oftener than the levels say, in every test', () => {
  const tests = calibrateTests(RESAMPLES, (resample) => drawPValues(seededRandom(`sound/${resample}`), `${resample}`));
  expect(tests.length).toBeGreaterThanOrEqual(20);
  expect(tests.filter(({ isKept }) => !isKept).map(({ name, counts }) => `${name}: ${counts}`)).toEqual([]);
  // A test that never rejects would keep any level.
  const silent = tests.filter(({ counts }) => counts[0] === 0).map(({ name }) => name);
  expect(silent).toEqual([]);
});

test.each([
  ['all a fifth too small', (p: number) => 0.8 * p],
  ['too small in the tail alone', (p: number) => (p < 0.03 ? p / 4 : p)],
  ['not a number once', (p: number) => (p > 0.999 ? Number.NaN : p)],
])('p-values that are %s are found out', (_, bend) => {
  const random = seededRandom('bent');
  const uniform = Array.from({ length: 20_000 }, random);
  expect(judgeCalibration('uniform', uniform).isKept).toBe(true);
  expect(judgeCalibration('bent', uniform.map(bend)).isKept).toBe(false);
});

test('draws how often a p-value is at or below each level', () => {
  const random = seededRandom('plot');
  const picture = plotCalibration(judgeCalibration('a test', Array.from({ length: 1000 }, random)));
  expect(picture).toContain('a test: share of 1000 p-values at or below each level');
  expect(picture).not.toMatch(/NaN|undefined/);
});
