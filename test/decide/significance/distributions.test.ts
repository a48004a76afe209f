import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  betaBinomial,
  binomialSpan,
  convolveSpans,
  hypergeometricTail,
  normalDensity,
  normalTail,
  normalUpperQuantile,
  regularisedBeta,
  studentTail,
} from '../../../src/decide/significance/distributions.js';

const RELATIVE = 1e-9;

function expectClose(actual: number, expected: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(RELATIVE * Math.abs(expected));
}

const total = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);

// scipy.stats.norm.sf(z)
it.each([
  [-8, 0.9999999999999993],
  [-3, 0.9986501019683699],
  [-1, 0.8413447460685429],
  [0, 0.5],
  [0.1, 0.460172162722971],
  [1.96, 0.024997895148220435],
  [2.4999, 0.006211418374944587],
  [2.5, 0.006209665325776132],
  [5, 2.866515718791933e-7],
  [7.5, 3.1908916729108844e-14],
  [11.5, 6.595771446113675e-31],
  [37, 5.7255712225239266e-300],
])('normal tail beyond %d', (z, expected) => expectClose(normalTail(z), expected));

// scipy.stats.norm.isf(p)
it.each([
  [0.9, -1.2815515655446004],
  [0.2, 0.8416212335729142],
  [0.01, 2.3263478740408408],
  [0.0005, 3.2905267314918945],
  [1e-8, 5.612001244174789],
  [1e-30, 11.464024688443613],
])('normal quantile of %d', (p, expected) => expectClose(normalUpperQuantile(p), expected));

// scipy.stats.t.sf(t, degrees)
it.each([
  [-2, 4, 0.9419417382415922],
  [0, 4, 0.5],
  [0.001, 4, 0.499625000078125],
  [1, 1, 0.25],
  [1000, 1, 0.0003183097800805589],
  [2.776, 4, 0.02501138915998821],
  [8.6, 4, 0.0005022970622489074],
  [1e7, 4, 2.9999999999997987e-28],
  [3, 9, 0.007478181955207111],
  [50, 9, 1.2844764554373988e-12],
  [1e4, 9, 2.545896099754232e-33],
  [40, 30, 6.863022597203209e-28],
  [15, 60, 2.8754040004512227e-22],
  [12, 500, 1.2432256392309257e-29],
])('Student tail beyond %d with %d degrees', (t, degrees, expected) => expectClose(studentTail(t, degrees), expected));

// sum(Fraction(comb(marked, k) * comb(total - marked, drawn - k), comb(total, drawn)) for k in range(x, …)), exactly;
// scipy.stats.hypergeom.sf(x - 1, total, marked, drawn) agrees to 1e-13.
it.each([
  [3, 10, 5, 20, 0.5],
  [1, 1, 1, 2, 0.5],
  [8, 10, 12, 20, 0.0849011669445106],
  [10, 12, 15, 20, 0.2961816305469556],
  [55, 100, 100, 200, 0.10149079382148722],
  [12, 100, 40, 1000, 0.0002688377121373222],
  [40, 100, 40, 1000, 2.4724580058008637e-44],
  [60, 3000, 90, 4500, 0.5496519503306796],
  [90, 3000, 90, 4500, 9.021125732296011e-17],
  [30, 250, 60, 4000, 3.084716396322658e-21],
  [120, 20000, 300, 50000, 0.5220106477179136],
  [200, 20000, 300, 50000, 8.000354824540638e-21],
  [2, 400, 3, 100000, 4.775343339345112e-5],
])('hypergeometric tail from %d of %d drawn, %d marked of %d', (x, drawn, marked, all, expected) =>
  expectClose(hypergeometricTail(x, drawn, marked, all), expected),
);

it('knows what cannot be otherwise', () => {
  expect(hypergeometricTail(0, 10, 5, 20)).toBe(1);
  expect(hypergeometricTail(-3, 10, 5, 20)).toBe(1);
  expect(hypergeometricTail(5, 15, 10, 20)).toBe(1);
  expect(hypergeometricTail(6, 10, 5, 20)).toBe(0);
  // Far below the mean of a million rows, where single probabilities underflow.
  expect(hypergeometricTail(9_000, 137_000, 10_600, 144_000)).toBe(1);
  expect(hypergeometricTail(1, 0, 5, 20)).toBe(0);
});

// comb(n, k) * B(k + α, n - k + β) / B(α, β) in Fractions of factorials, exactly; scipy.stats.betabinom.pmf agrees.
it.each([
  [0, 1, 1, 1, 0.5],
  [0, 10, 1, 30, 0.75],
  [10, 10, 1, 30, 1.1797175484382116e-9],
  [0, 250, 15, 286, 9.561250842729463e-5],
  [60, 250, 15, 286, 9.020219300992653e-12],
  [250, 250, 15, 286, 4.991900177001063e-141],
  [600, 3000, 3, 1498, 3.81772582548156e-112],
  [0, 2000, 2, 999, 0.11103701233744581],
  [40, 40, 100, 1, 0.7142857142857143],
  [12, 200, 50, 951, 0.08982624216795755],
])('beta-binomial probability of %d of %d with α %d and β %d', (k, n, alpha, beta, expected) =>
  expectClose(betaBinomial(n, alpha, beta)[k]!, expected),
);

// comb(n, k) * p**k * (1 - p)**(n - k) in Fractions, exactly.
it.each([
  [0, 1, 0.5, 0.5],
  [3, 10, 0.25, 0.25028228759765625],
  [10, 10, 0.25, 9.5367431640625e-7],
  [1, 400, 0.05, 2.586714549793255e-8],
  [60, 400, 0.05, 3.489969263065776e-14],
  [640, 1000, 0.5, 1.463755870650304e-19],
  [3, 5000, 1e-6, 2.071705275151536e-8],
  [5000, 5000, 1 - 1e-9, 0.9999950000126389],
])('binomial probability of %d of %d with chance %d', (k, n, chance, expected) => {
  const { from, probabilities } = binomialSpan(n, chance);
  expectClose(probabilities[k - from]!, expected);
});

it.each([
  [0, 0],
  [1, 7],
])('a binomial law of chance %d is a point', (chance, point) => {
  expect(binomialSpan(7, chance)).toEqual({ from: point, probabilities: Float64Array.of(1) });
});

describe('properties', () => {
  const z = fc.double({ min: -20, max: 30, noNaN: true });
  const natural = (max: number, min = 0) => fc.integer({ min, max });

  it('tails fall', () => {
    fc.assert(
      fc.property(z, z, natural(200, 1), (a, b, degrees) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        expect(normalTail(high)).toBeLessThanOrEqual(normalTail(low));
        expect(studentTail(high, degrees)).toBeLessThanOrEqual(studentTail(low, degrees) * (1 + 1e-12));
      }),
    );
  });

  it('both sides of a symmetric law add to one', () => {
    fc.assert(
      fc.property(z, natural(200, 1), (at, degrees) => {
        expect(normalTail(at) + normalTail(-at)).toBeCloseTo(1, 13);
        expect(studentTail(at, degrees) + studentTail(-at, degrees)).toBeCloseTo(1, 13);
      }),
    );
  });

  it('the normal density is the slope of its tail', () => {
    for (const at of [0, 0.5, 2, 4])
      expect((normalTail(at - 1e-5) - normalTail(at + 1e-5)) / 2e-5).toBeCloseTo(normalDensity(at), 8);
  });

  it('the quantile undoes the tail', () => {
    fc.assert(
      fc.property(fc.double({ min: -69, max: -0.7, noNaN: true }), (logarithm) => {
        const p = Math.exp(logarithm);
        expect(normalTail(normalUpperQuantile(p)) / p).toBeCloseTo(1, 9);
      }),
    );
  });

  it('the incomplete beta function mirrors', () => {
    const shape = fc.double({ min: 0.5, max: 300, noNaN: true });
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), shape, shape, (x, a, b) => {
        expect(regularisedBeta(x, a, b) + regularisedBeta(1 - x, b, a)).toBeCloseTo(1, 9);
      }),
    );
  });

  it('the hypergeometric tail falls, and what is not below x is at x or above', () => {
    const urn = fc
      .tuple(natural(300, 1), natural(300), natural(300))
      .map(([all, drawn, marked]) => ({ all, drawn: Math.min(drawn, all), marked: Math.min(marked, all) }));
    fc.assert(
      fc.property(urn, natural(300), ({ all, drawn, marked }, x) => {
        const here = hypergeometricTail(x, drawn, marked, all);
        expect(hypergeometricTail(x + 1, drawn, marked, all)).toBeLessThanOrEqual(here * (1 + 1e-12));
        // Fewer than x marked ones are drawn when more than drawn − x unmarked ones are.
        expect(here + hypergeometricTail(drawn - x + 1, drawn, all - marked, all)).toBeCloseTo(1, 9);
      }),
    );
  });

  it('laws sum to one', () => {
    const chance = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(natural(3000), natural(100, 1), natural(3000, 1), chance, (n, alpha, beta, p) => {
        expect(total(betaBinomial(n, alpha, beta))).toBeCloseTo(1, 11);
        expect(total(binomialSpan(n, p).probabilities)).toBeCloseTo(1, 8);
      }),
    );
  });

  it('binomial laws of one chance add up', () => {
    fc.assert(
      fc.property(natural(80), natural(80), fc.double({ min: 0.01, max: 0.99, noNaN: true }), (n, m, chance) => {
        const [whole, part] = [
          [0, n + m],
          [Math.floor(m / 2), n],
        ] as const;
        const direct = binomialSpan(n + m, chance);
        for (const [least, most] of [whole, part]) {
          const sum = convolveSpans(binomialSpan(n, chance), binomialSpan(m, chance), least, most);
          expect(sum.from).toBeGreaterThanOrEqual(least);
          expect(sum.from + sum.probabilities.length - 1).toBeLessThanOrEqual(Math.max(most, sum.from - 1));
          direct.probabilities.forEach((probability, i) => {
            const k = direct.from + i;
            const isAsked = k >= least && k <= most;
            expect(sum.probabilities[k - sum.from] ?? 0).toBeCloseTo(isAsked ? probability : 0, 12);
          });
        }
      }),
    );
  });
});
