import { describe, expect, it } from 'vitest';
import { ratioStatistic, testLikelihoodRatio } from '../../../src/decide/significance/likelihood-ratio.js';
import { addToHistogram, type Histogram, levelOf, ratioAt } from '../../../src/detect/histogram.js';
import { addRow, type Calibration, calibrate, emptyTally, type RowEvidence } from '../../../src/detect/index.js';
import { normals, seededRandom } from '../../../src/linear/index.js';
import { rejectionsBeyondBound } from '../bounds.js';

function histogramOf(logRatios: readonly number[]): Histogram {
  const histogram: Histogram = new Map();
  for (const ratio of logRatios) addToHistogram(histogram, levelOf(ratio));
  return histogram;
}

/** What the tests sum: the value that stands for a level. */
const rounded = (logRatios: readonly number[]) => logRatios.map((ratio) => ratioAt(levelOf(ratio)));
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

interface Rows {
  readonly scope: readonly number[];
  readonly trusted: readonly number[];
}

const samplesOf = (strata: readonly Rows[]) =>
  strata.map(({ scope, trusted }) => ({ scope: histogramOf(scope), trusted: histogramOf(trusted) }));

const excessOf = ({ scope, trusted }: Rows) => scope.length * (mean(rounded(scope)) - mean(rounded(trusted)));

/** The excess of every way to say which of the rows are the scope's. */
function excesses({ scope, trusted }: Rows): number[] {
  const all = [...scope, ...trusted];
  const subsets = Array.from({ length: 2 ** all.length }, (_, bits) => all.filter((__, i) => bits & (1 << i)))
    .map((chosen, bits) => ({ chosen, rest: all.filter((_, i) => !(bits & (1 << i))) }))
    .filter(({ chosen }) => chosen.length === scope.length);
  return subsets.map(({ chosen, rest }) => excessOf({ scope: chosen, trusted: rest }));
}

const first: Rows = { scope: [0.4, 2.5, 6], trusted: [-0.05, -0.05, -0.04, -0.05, 0.1, 0.02, 0.4, 1.2, -0.05] };
const second: Rows = { scope: [-0.03, 1.5], trusted: [-0.05, 0.2, -0.02, 0.9, -0.05, 3] };

describe('against every permutation of the rows', () => {
  it.each([
    ['one stratum', [first]],
    ['two strata', [first, second]],
    ['the strata swapped', [second, first]],
  ])('%s', (_, strata) => {
    const observed = strata.reduce((sum, rows) => sum + excessOf(rows), 0);
    const law = strata.map(excesses).reduce((a, b) => a.flatMap((x) => b.map((y) => x + y)));
    const pValue = law.filter((excess) => excess >= observed - 1e-9).length / law.length;
    const deviation = Math.sqrt(mean(law.map((excess) => excess ** 2)));

    const tested = testLikelihoodRatio(samplesOf(strata), 0, 'seed');
    expect(tested.statistic).toBeCloseTo(observed, 9);
    expect(tested.deviation).toBeCloseTo(deviation, 9);
    expect(Math.abs(tested.pValue / pValue - 1)).toBeLessThan(0.2);
  });

  it('with an allowance, as if the excess were so much smaller', () => {
    const allowance = 2;
    const law = excesses(first);
    const pValue = law.filter((excess) => excess >= excessOf(first) - allowance - 1e-9).length / law.length;
    expect(Math.abs(testLikelihoodRatio(samplesOf([first]), allowance, 's').pValue / pValue - 1)).toBeLessThan(0.2);
  });
});

it('a greater allowance gives a greater p-value', () => {
  const pValues = [0, 0.5, 1, 2, 4, 6, 8].map(
    (allowance) => testLikelihoodRatio(samplesOf([first, second]), allowance, 's').pValue,
  );
  expect(pValues).toEqual([...pValues].sort((a, b) => a - b));
  expect(pValues.at(-1)).toBe(1);
});

it('a stratum that one side has no rows of tells nothing', () => {
  const empty = [
    { scope: [5, 6], trusted: [] },
    { scope: [], trusted: [0, 1] },
  ];
  expect(testLikelihoodRatio(samplesOf(empty), 0, 's')).toEqual({ statistic: 0, deviation: 0, pValue: 1 });
  expect(testLikelihoodRatio(samplesOf([first, ...empty]), 0, 's')).toEqual(
    testLikelihoodRatio(samplesOf([first]), 0, 's'),
  );
});

it.each([
  ['rows that are all alike', [{ scope: [0.1, 0.1], trusted: [0.1, 0.1, 0.1] }]],
  ['a scope that is better than the trusted rows', [{ scope: first.trusted, trusted: first.scope }]],
])('%s are no evidence', (_, strata) => {
  expect(testLikelihoodRatio(samplesOf(strata), 0, 's').pValue).toBe(1);
});

it('repeats itself for a seed', () => {
  const test = () => testLikelihoodRatio(samplesOf([first, second]), 0, 'digest');
  expect(test()).toEqual(test());
});

describe('rejects as often as it promises on rows of one law, at most', () => {
  const RESAMPLES = 2000;
  // Log ratios of a model whose classes overlap much, little, and hardly: the more, the more skewed.
  it.each([
    ['overlapping classes', 1, 20, 60],
    ['separated classes', 3, 30, 60],
    ['well-separated classes, scope larger than trusted', 5, 80, 40],
  ])('%s', (name, separation, scopeRows, trustedRows) => {
    const random = seededRandom(name);
    const draw = (rows: number) =>
      Array.from(normals(random, rows), (z) => {
        // In steps: few distinct values make the test quick.
        const odds = Math.exp(-separation - (Math.round(2 * z) / 2) * Math.sqrt(2 * separation));
        return Math.log(0.95 + 0.05 * Math.min(odds, 1e4));
      });
    const pValues = Array.from({ length: RESAMPLES }, (_, i) => {
      const strata = [1, 0.4].map((share) => ({ scope: draw(scopeRows * share), trusted: draw(trustedRows * share) }));
      return testLikelihoodRatio(samplesOf(strata), 0, `${i}`).pValue;
    });
    expect(rejectionsBeyondBound(pValues)).toEqual([]);
    // Not by rejecting nothing.
    expect(pValues.filter((p) => p <= 0.1).length).toBeGreaterThan(RESAMPLES / 20);
  });
});

describe('as a statistic of tallies', () => {
  const strata = { count: 2, ofClass: Int32Array.of(0, 1) };
  const judged = (ratios: readonly number[]): RowEvidence => ({
    anomalyScore: Float64Array.from(ratios, () => 0.5),
    logRatio: Float64Array.from(ratios),
  });
  const labels = (rows: Rows[], side: keyof Rows) =>
    Int32Array.from(rows.flatMap((one, label) => one[side].map(() => label)));
  const both = [first, second];

  function statisticOf(stratum?: number) {
    const trusted = both.flatMap((rows) => rows.trusted);
    const calibration: Calibration = calibrate(
      judged(trusted),
      labels(both, 'trusted'),
      2,
      strata,
      Int32Array.from(trusted.keys()),
    );
    const tally = emptyTally(strata, [calibration]);
    const scope = both.flatMap((rows) => rows.scope);
    const [evidence, given] = [judged(scope), labels(both, 'scope')];
    for (const row of scope.keys()) {
      addRow(tally, row, evidence, given, { strata, classes: 2, calibrations: [calibration] });
    }
    return ratioStatistic(2, 'seed', stratum)(tally, calibration, 0);
  }

  it('sums over strata', () => {
    const { excess, pValueBeyond } = statisticOf();
    const expected = testLikelihoodRatio(samplesOf(both), 0, 'seed');
    expect(excess).toEqual({
      value: expected.statistic,
      variance: expected.deviation ** 2,
      rows: 5,
      rowsPerUnit: 0.5,
    });
    expect(pValueBeyond(0)).toBe(expected.pValue);
    // Each tolerated row allows for the effect of one.
    expect(pValueBeyond(1.5)).toBe(testLikelihoodRatio(samplesOf(both), 3, 'seed').pValue);
  });

  it('looks into one stratum', () => {
    const { excess, pValueBeyond } = statisticOf(1);
    const expected = testLikelihoodRatio(samplesOf([second]), 0, 'seed');
    expect(excess).toMatchObject({ value: expected.statistic, rows: 2 });
    expect(pValueBeyond(0)).toBe(expected.pValue);
  });
});
