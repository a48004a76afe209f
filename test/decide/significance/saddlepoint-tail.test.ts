import { describe, expect, it } from 'vitest';
import { hypergeometric, hypergeometricTail } from '../../../src/decide/significance/distributions.js';
import { permutationTail } from '../../../src/decide/significance/permutation-tail.js';
import { isSaddlepointClose, saddlepointTail } from '../../../src/decide/significance/saddlepoint-tail.js';
import { solveTilt, tiltUrn, type Urn } from '../../../src/decide/significance/tilted-urn.js';
import { threeLevelTail, urnOf } from './urns.js';

const two = (one: readonly [number, number], other: readonly [number, number], drawn: number) =>
  urnOf([one, other], drawn);

/** Undefined where it is not asked. */
function tailOf(urns: readonly Urn[], target: number): number | undefined {
  const tilt = solveTilt(urns, target);
  const tilted = urns.map((urn) => tiltUrn(urn, tilt));
  return isSaddlepointClose(tilted, tilt) ? saddlepointTail(tilted, tilt, target) : undefined;
}

/** Of sums in whole steps the tail begins half a step below its target. */
const errorOf = (urns: readonly Urn[], target: number, exact: number) =>
  Math.abs((tailOf(urns, target - 0.5) ?? Number.NaN) / exact - 1);

describe('where the law is nearly normal', () => {
  it.each([
    [300_000, 100_000, 100_000],
    [500_000, 1_500_000, 1_800_000],
    [6_000_000, 4_000_000, 3_000_000],
  ])('%d rows of value 0, %d of value 1, %d drawn', (zeros, ones, drawn) => {
    const total = zeros + ones;
    const deviation = Math.sqrt((drawn * ones * zeros * (total - drawn)) / total ** 3);
    for (const z of [0.5, 1, 2, 3, 4]) {
      const target = Math.round((drawn * ones) / total + z * deviation);
      const exact = hypergeometricTail(target, drawn, ones, total);
      expect(errorOf([two([0, zeros], [1, ones], drawn)], target, exact)).toBeLessThan(0.003);
    }
  });

  it('three values', () => {
    const counts = [300_000, 80_000, 20_000] as const;
    const urn = urnOf(
      counts.map((count, i) => [[0, 1, 3][i] as number, count]),
      160_000,
    );
    for (const target of [56_150, 56_500, 56_900]) {
      const exact = threeLevelTail({ counts, drawn: 160_000 }, 3, target);
      expect(errorOf([urn], target, exact)).toBeLessThan(0.003);
    }
  });

  it('a stratum whose steps another one hides', () => {
    const [fine, coarse] = [two([0, 300_000], [1, 100_000], 100_000), two([0, 1000], [50, 200], 300)];
    for (const target of [27_650, 27_900, 28_100]) {
      let exact = 0;
      hypergeometric(300, 200, 1200).forEach((chance, taken) => {
        exact += chance * hypergeometricTail(target - 50 * taken, 100_000, 100_000, 400_000);
      });
      expect(errorOf([fine, coarse], target, exact)).toBeLessThan(0.01);
    }
  });

  it('far out, where next to nothing is left', () => {
    const exact = hypergeometricTail(1_215_000, 3_000_000, 4_000_000, 10_000_000);
    expect(exact).toBeLessThan(1e-90);
    expect(errorOf([two([0, 6_000_000], [1, 4_000_000], 3_000_000)], 1_215_000, exact)).toBeLessThan(0.01);
  });
});

describe('is not asked', () => {
  const many = urnOf(
    Array.from({ length: 41 }, (_, i) => [i - 20, 30]),
    300,
  );
  const meanOf = ({ values, counts, drawn, total }: Urn) =>
    (drawn * values.reduce((sum, value, i) => sum + value * (counts[i] as number), 0)) / total;

  it('where few rows carry the sum', () => {
    const urn = urnOf(
      [
        [0, 2000],
        [1, 300],
        [50, 5],
      ],
      1000,
    );
    expect(tailOf([urn], meanOf(urn) + 60)).toBeUndefined();
    // Nor where another urn is smooth: its steps do not hide so large a one.
    const others = urnOf(
      [
        [0, 50],
        [2000, 5],
      ],
      20,
    );
    expect(tailOf([many, others], meanOf(many) + meanOf(others) + 2500)).toBeUndefined();
  });

  it('next to the mean', () => {
    expect(tailOf([many], meanOf(many) + 1)).toBeUndefined();
    expect(tailOf([many], meanOf(many) + 300)).toBeDefined();
  });

  it('where next to nothing is drawn from each of many strata', () => {
    const strata = Array.from({ length: 200 }, (_, i) =>
      urnOf(
        [0, 1, 2].map((value) => [value + i / 200, 1]),
        1,
      ),
    );
    expect(tailOf(strata, 200 * 1.5 + 30)).toBeUndefined();
  });

  it('where rows are of one value', () => {
    expect(tailOf([urnOf([[2, 50]], 10)], 20)).toBeUndefined();
  });
});

describe('the tail that it gives', () => {
  it.each([
    [100_000, 100_000],
    [300_000, 100_000],
  ])('of sums in whole steps is within 3 percent of the exact one: %d and %d rows', (zeros, ones) => {
    const [total, drawn] = [zeros + ones, 100_000];
    const deviation = Math.sqrt((drawn * ones * zeros * (total - drawn)) / total ** 3);
    for (const z of [0.7, 2, 3, 4]) {
      const target = Math.round((drawn * ones) / total + z * deviation);
      const exact = hypergeometricTail(target, drawn, ones, total);
      const told = permutationTail([two([0, zeros], [1, ones], drawn)], target, 'steps');
      expect(Math.abs(told / exact - 1)).toBeLessThan(0.03);
    }
  });

  it('of a thousand strata in which nearly all rows are as bad as can be is next to nothing, and a number', () => {
    const stratum = urnOf(
      Array.from({ length: 40 }, (_, i) => [i / 8, 20]),
      400,
    );
    const tailAt = (tilt: number) => {
      const tilted = Array.from({ length: 1000 }, () => tiltUrn(stratum, tilt));
      return saddlepointTail(tilted, tilt, 1000 * (tilted[0]?.mean ?? 0));
    };
    expect(tailAt(4)).toBe(0);
    expect(tailAt(0.005)).toBeGreaterThan(0);
    expect(tailAt(0.005)).toBeLessThan(1e-3);
  });
});
