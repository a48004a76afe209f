import fc from 'fast-check';
import { expect, it } from 'vitest';
import { benjaminiHochberg, bonferroni, simes } from '../../../src/decide/significance/multiplicity.js';
import { seededRandom } from '../../../src/linear/index.js';
import { rejectionsBeyondBound } from '../bounds.js';

// Benjamini and Hochberg 1995, section 3.1: the p-values of 15 tests of which four are rejected at 0.05.
const PUBLISHED = [
  0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1,
];

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toEqual(expected.map((value) => expect.closeTo(value, 12)));
}

it('adjusts as Benjamini and Hochberg do', () => {
  // R: p.adjust(p, 'BH'); scipy.stats.false_discovery_control(p)
  expectClose(benjaminiHochberg(PUBLISHED), [
    0.0015,
    0.003,
    0.0095,
    0.035625,
    0.0603,
    0.447 / 7,
    0.447 / 7,
    0.0645,
    0.0765,
    0.486,
    6.393 / 11,
    0.714875,
    9.792 / 13,
    11.385 / 14,
    1,
  ]);
  expect(benjaminiHochberg(PUBLISHED).filter((q) => q <= 0.05)).toHaveLength(4);
  expectClose(benjaminiHochberg([0.01, 0.04, 0.03, 0.005, 0.2, 0.04, 1]), [
    0.035,
    0.056,
    0.056,
    0.035,
    0.7 / 3,
    0.056,
    1,
  ]);
});

it('joins by Simes', () => {
  // min over i of n p(i) / i
  expect(simes([0.01, 0.02, 0.03])).toBeCloseTo(0.03, 12);
  expect(simes([0.9, 0.02, 0.03])).toBeCloseTo(0.045, 12);
  expect(simes([0.04, 1, 1, 0.001])).toBeCloseTo(0.004, 12);
  expect(simes([1, 1])).toBe(1);
  expect(simes([])).toBe(1);
});

it('corrects by Bonferroni', () => {
  expect(bonferroni([0.02, 0.5, 0.01])).toBeCloseTo(0.03, 12);
  expect(bonferroni([0.02, 0.5, 0.01], 20)).toBeCloseTo(0.2, 12);
  expect(bonferroni([0.6, 0.7])).toBe(1);
  // As many pairs as a thousand classes have.
  expect(bonferroni(new Array<number>(999_000).fill(1e-8))).toBeCloseTo(0.00999, 12);
  // Without a test there is no evidence.
  expect(bonferroni([])).toBe(1);
});

const pValues = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 });

it('rejects by Benjamini and Hochberg what the step-up procedure rejects, and something exactly where Simes does', () => {
  fc.assert(
    fc.property(pValues, fc.double({ min: 0.001, max: 0.5, noNaN: true }), (values, level) => {
      const sorted = [...values].sort((a, b) => a - b);
      const rank = sorted.findLastIndex((p, i) => (p * values.length) / (i + 1) <= level);
      const adjusted = benjaminiHochberg(values);
      values.forEach((p, i) => {
        expect(adjusted[i]! <= level).toBe(rank >= 0 && p <= sorted[rank]!);
        expect(adjusted[i]).toBeGreaterThanOrEqual(p * (1 - 1e-12));
        expect(adjusted[i]).toBeLessThanOrEqual(1);
      });
      expect(simes(values)).toBe(Math.min(...adjusted));
      expect(simes(values)).toBeLessThanOrEqual(bonferroni(values));
    }),
  );
});

it('Simes is uniform where nothing is wrong', () => {
  const random = seededRandom('simes');
  const joined = Array.from({ length: 5000 }, () => simes(Array.from({ length: 12 }, random)));
  expect(rejectionsBeyondBound(joined)).toEqual([]);
  for (const level of [0.01, 0.05, 0.1, 0.5]) {
    const share = joined.filter((p) => p <= level).length / joined.length;
    expect(Math.abs(share - level)).toBeLessThan(4 * Math.sqrt((level * (1 - level)) / joined.length));
  }
});
