import { describe, expect, it } from 'vitest';
import { hypergeometricTail } from '../../../src/decide/significance/distributions.js';
import { permutationTail } from '../../../src/decide/significance/permutation-tail.js';
import type { Urn } from '../../../src/decide/significance/tilted-urn.js';
import { exactTails, seededIntegers, spreadOut, threeLevelTail, urnOf } from './urns.js';

const GOALS = [0.3, 0.1, 0.01, 1e-4, 1e-6, 1e-8];
const ACCURACY = 0.1;
/** Of tails that no level is near. */
const ROUGHLY = 0.2;
const LARGE = 0.015;

const accuracyAt = (pValue: number) => (pValue > LARGE ? ROUGHLY : ACCURACY);

/** Targets whose tail is not as close to enumeration as it should be. */
function misjudged(urns: readonly Urn[], seed: string) {
  return spreadOut(exactTails(urns), GOALS)
    .map(({ target, pValue }) => ({ target, pValue, actual: permutationTail(urns, target, seed) }))
    .filter(({ pValue, actual }) => !(Math.abs(actual / pValue - 1) <= accuracyAt(pValue)));
}

type Integers = ReturnType<typeof seededIntegers>;

const plainUrn = (pick: Integers): Urn => {
  const levels = new Map(Array.from({ length: pick(2, 6) }, () => [pick(-8, 12), pick(1, 40)]));
  return drawSome([...levels], pick);
};

/** A few large values among many equal ones: what log ratios of well-separated classes look like. */
const skewedUrn = (pick: Integers): Urn =>
  drawSome(
    [
      [0, pick(50, 300)],
      [1, pick(1, 20)],
      [pick(20, 60), pick(1, 5)],
    ],
    pick,
  );

const drawSome = (levels: readonly (readonly [number, number])[], pick: Integers): Urn => {
  const total = levels.reduce((sum, [, count]) => sum + count, 0);
  return urnOf(levels, pick(1, Math.min(40, total)));
};

describe('agrees with enumeration within 10 % from .015 to 1e-8, roughly above', () => {
  it.each([
    ['plain urns', [plainUrn], 60],
    ['skewed urns', [skewedUrn], 60],
    ['plain urns in two strata', [plainUrn, plainUrn], 30],
    ['skewed urns in two strata', [skewedUrn, skewedUrn], 20],
    ['a plain and a skewed urn', [plainUrn, skewedUrn], 20],
  ])('%s', (name, kinds, cases) => {
    const pick = seededIntegers(name);
    for (let i = 0; i < cases; i++) {
      const urns = kinds.map((kind) => kind(pick));
      expect({ urns, misjudged: misjudged(urns, `${name}/${i}`) }).toEqual({ urns, misjudged: [] });
    }
  });

  it.each([1, 2, 5, 20, 40])('%d rows drawn', (drawn) => {
    const levels = [
      [-3, 60],
      [0, 30],
      [2, 20],
      [9, 4],
    ] as const;
    expect(misjudged([urnOf(levels, drawn)], 'drawn')).toEqual([]);
  });

  it('values of very different size, all of which must be drawn', () => {
    // 1/C(146, 30) of the draws hold the large one; the rest of the target comes from the small ones.
    const urn = urnOf(
      [
        [0, 126],
        [1, 19],
        [59, 1],
      ],
      30,
    );
    const tails = exactTails([urn]).filter(({ target, pValue }) => target >= 59 && pValue > 1e-8);
    const actual = tails.map(({ target }) => permutationTail([urn], target, 'uneven'));
    tails.forEach(({ pValue }, i) => expect(Math.abs(actual[i]! / pValue - 1)).toBeLessThan(accuracyAt(pValue)));
  });
});

describe('what leaves no choice', () => {
  const urn = urnOf(
    [
      [-1, 3],
      [0, 4],
      [5, 2],
    ],
    9,
  );

  it('all rows drawn', () => {
    expect(permutationTail([urn], 7, 's')).toBe(1);
    expect(permutationTail([urn], 8, 's')).toBe(0);
  });

  it('one stratum all drawn adds its sum', () => {
    const other = urnOf(
      [
        [0, 30],
        [1, 10],
      ],
      8,
    );
    const alone = exactTails([other]).find(({ target }) => target === 5)!.pValue;
    expect(Math.abs(permutationTail([urn, other], 12, 's') / alone - 1)).toBeLessThan(accuracyAt(alone));
  });

  it('a stratum that nothing is drawn from counts for nothing', () => {
    const other = urnOf(
      [
        [0, 30],
        [1, 10],
      ],
      8,
    );
    const empty = urnOf(
      [
        [0, 5],
        [50, 5],
      ],
      0,
    );
    expect(permutationTail([empty, other], 5, 's')).toBe(permutationTail([other], 5, 's'));
  });

  it('rows of one value', () => {
    expect(permutationTail([urnOf([[2, 50]], 10)], 20, 's')).toBe(1);
  });
});

it('scales with the values', () => {
  const levels = [
    [-1, 80],
    [0, 40],
    [7, 6],
  ] as const;
  for (const scale of [1e-3, 0.3, 1000]) {
    const scaled = urnOf(
      levels.map(([value, count]) => [value * scale, count]),
      20,
    );
    const [target, pValue] = [15, exactTails([urnOf(levels, 20)]).find((tail) => tail.target === 15)!.pValue];
    expect(Math.abs(permutationTail([scaled], target * scale, 's') / pValue - 1)).toBeLessThan(ACCURACY);
  }
});

it('falls as the target rises', () => {
  const urn = urnOf(
    [
      [-2, 70],
      [1, 50],
      [6, 9],
    ],
    25,
  );
  const tails = exactTails([urn])
    .reverse()
    .filter(({ pValue }) => pValue > 1e-10);
  const actual = tails.filter((_, i) => i % 10 === 0).map(({ target }) => permutationTail([urn], target, 's'));
  expect(actual).toEqual([...actual].sort((a, b) => b - a));
});

it('repeats itself for a seed', () => {
  const urn = urnOf(
    [
      [-2, 70],
      [1, 50],
      [6, 9],
    ],
    25,
  );
  expect(permutationTail([urn], 40, 'a')).toBe(permutationTail([urn], 40, 'a'));
  expect(permutationTail([urn], 40, 'b')).not.toBe(permutationTail([urn], 40, 'a'));
});

describe('large urns', () => {
  it.each([5, 20, 100, 400, 2000])('%d heavy rows of 20,000, half of them drawn', (heavy) => {
    const urn = urnOf(
      [
        [-0.05, 20_000 - heavy],
        [5, heavy],
      ],
      10_000,
    );
    for (let x = Math.floor(heavy / 2) + 1; x <= heavy; x += Math.max(1, Math.floor(Math.sqrt(heavy) / 2))) {
      const expected = hypergeometricTail(x, 10_000, heavy, 20_000);
      if (expected < 1e-8) break;
      const actual = permutationTail([urn], 5 * x - 0.05 * (10_000 - x), 'heavy');
      expect(Math.abs(actual / expected - 1)).toBeLessThan(ACCURACY);
    }
  });

  it.each([
    [[12_000, 8000, 0], 10_000, 1],
    [[12_000, 7900, 100], 10_000, 6],
    [[15_000, 4995, 5], 8000, 40],
    [[30_000, 9000, 1000], 36_000, 3],
  ] as const)('%j rows of value 0, 1 and more, %d drawn', (counts, drawn, step) => {
    const [zeros, ones, heavy] = counts;
    const urn = urnOf([[0, zeros], [1, ones], ...(heavy === 0 ? [] : [[step, heavy] as const])], drawn);
    const total = zeros + ones + heavy;
    const mean = (drawn * (ones + step * heavy)) / total;
    const square = (ones + step ** 2 * heavy) / total - (mean / drawn) ** 2;
    const deviation = Math.sqrt((drawn * (total - drawn) * square) / (total - 1));
    for (const z of [0.7, 2, 3.5, 5]) {
      const target = Math.round(mean + z * deviation);
      const expected = threeLevelTail({ counts, drawn }, step, target);
      const actual = permutationTail([urn], target, 'large');
      expect(Math.abs(actual / expected - 1)).toBeLessThan(ACCURACY);
    }
  });

  it('a scope that dwarfs the trusted rows', () => {
    const urn = urnOf(
      [
        [0, 300_000],
        [1, 700_000],
      ],
      999_970,
    );
    const expected = hypergeometricTail(700_000, 999_970, 700_000, 1_000_000);
    expect(Math.abs(permutationTail([urn], 700_000, 's') / expected - 1)).toBeLessThan(ACCURACY);
  });
});
