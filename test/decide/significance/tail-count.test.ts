import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { betaBinomial } from '../../../src/decide/significance/distributions.js';
import {
  shiftedTailStatistic,
  type TailStratum,
  tailCountMoments,
  tailCountPValue,
  tailStatistic,
} from '../../../src/decide/significance/tail-count.js';
import {
  addRow,
  calibrate,
  emptyTally,
  ONE_STRATUM,
  type RowEvidence,
  type Strata,
  TAIL_SHARES,
} from '../../../src/detect/index.js';
import { seededRandom } from '../../../src/linear/index.js';
import { rejectionsBeyondBound } from '../bounds.js';

/** The law of the count by adding one stratum after the other, nothing left out. */
function countLaw(strata: readonly TailStratum[]): Float64Array {
  return strata.reduce((law, { rows, trusted, beyond }) => {
    const own = betaBinomial(rows, beyond, trusted + 1 - beyond);
    const sum = new Float64Array(law.length + rows);
    law.forEach((p, i) => {
      own.forEach((q, j) => {
        sum[i + j] = sum[i + j]! + p * q;
      });
    });
    return sum;
  }, Float64Array.of(1));
}

const tailOf = (law: Float64Array, count: number) =>
  law.subarray(Math.max(0, count)).reduceRight((sum, value) => sum + value, 0);

const single = [{ rows: 250, trusted: 300, beyond: 15 }];
const double = [
  { rows: 40, trusted: 60, beyond: 3 },
  { rows: 25, trusted: 100, beyond: 5 },
];
const triple = [
  { rows: 20, trusted: 40, beyond: 2 },
  { rows: 30, trusted: 35, beyond: 1 },
  { rows: 15, trusted: 200, beyond: 20 },
];

// Convolution in Fractions of comb(k + x - 1, x) comb(m - k + n - x, n - x) / comb(m + n, n), exactly.
it.each([
  [[{ rows: 10, trusted: 30, beyond: 1 }], 1, 0.25],
  [[{ rows: 10, trusted: 30, beyond: 1 }], 8, 5.851399040253529e-7],
  [[{ rows: 10, trusted: 30, beyond: 1 }], 10, 1.1797175484382116e-9],
  [single, 3, 0.9967342048247746],
  [single, 19, 0.10368553352518059],
  [double, 3, 0.5786109428674869],
  [double, 15, 0.00012118938783951702],
  [double, 28, 5.550824872253317e-11],
  [triple, 8, 0.036572335043030535],
  [triple, 37, 3.422483100066702e-16],
])('%j: %d or more', (strata, count, expected) => {
  expect(Math.abs(tailCountPValue(strata, count) / expected - 1)).toBeLessThan(1e-9);
});

const anyStrata = fc.array(
  fc
    .record({ rows: fc.integer({ min: 0, max: 60 }), trusted: fc.integer({ min: 30, max: 400 }), share: fc.nat(100) })
    .map(({ rows, trusted, share }) => ({ rows, trusted, beyond: Math.max(1, Math.floor((trusted * share) / 1000)) })),
  { minLength: 1, maxLength: 4 },
);

describe('properties', () => {
  it('is the tail of the convolution, and falls', () => {
    fc.assert(
      fc.property(anyStrata, (strata) => {
        const law = countLaw(strata);
        let before = 1;
        for (let count = -1; count <= law.length; count++) {
          const pValue = tailCountPValue(strata, count);
          expect(pValue).toBeLessThanOrEqual(before * (1 + 1e-12));
          expect(pValue).toBeCloseTo(tailOf(law, count), 11);
          before = pValue;
        }
      }),
      { numRuns: 50 },
    );
  });

  it('does not depend on the order of the strata', () => {
    fc.assert(
      fc.property(anyStrata, fc.nat(20), (strata, count) => {
        const turned = tailCountPValue([...strata].reverse(), count);
        expect(Math.abs(turned - tailCountPValue(strata, count))).toBeLessThanOrEqual(1e-12 + 1e-9 * turned);
      }),
      { numRuns: 50 },
    );
  });

  it('mean and deviation are those of the law', () => {
    fc.assert(
      fc.property(anyStrata, (strata) => {
        const law = countLaw(strata);
        const mean = law.reduce((sum, p, count) => sum + p * count, 0);
        const variance = law.reduce((sum, p, count) => sum + p * (count - mean) ** 2, 0);
        const { expected, deviation } = tailCountMoments(strata);
        expect(expected).toBeCloseTo(mean, 8);
        expect(deviation ** 2).toBeCloseTo(variance, 6);
      }),
      { numRuns: 50 },
    );
  });
});

describe('scopes of more than 20,000 rows are judged as if they had so many, which is never bolder', () => {
  it('one stratum', () => {
    const strata = [{ rows: 70_000, trusted: 9000, beyond: 90 }];
    const law = countLaw(strata);
    const { expected, deviation } = tailCountMoments(strata);
    for (const z of [0.5, 1, 2, 3, 4, 6]) {
      const count = Math.ceil(expected + z * deviation);
      expect(tailCountPValue(strata, count)).toBeGreaterThanOrEqual(tailOf(law, count));
    }
  });

  it('many small strata, of which no whole number of rows is left', () => {
    const strata = Array.from({ length: 600 }, (_, i) => ({ rows: 25 + (i % 19), trusted: 100, beyond: 5 }));
    const law = countLaw(strata);
    const { expected, deviation } = tailCountMoments(strata);
    for (const z of [1, 3]) {
      const count = Math.ceil(expected + z * deviation);
      expect(tailCountPValue(strata, count)).toBeGreaterThanOrEqual(tailOf(law, count));
    }
  });
});

const judged = (scores: readonly number[]): RowEvidence => ({ anomalyScore: Float64Array.from(scores) });

function compare(
  trusted: readonly number[],
  scope: readonly number[],
  strata: Strata,
  classOf: (row: number) => number,
) {
  const labels = (rows: readonly number[]) => Int32Array.from(rows.keys(), classOf);
  const classes = strata.ofClass.length;
  const calibration = calibrate(judged(trusted), labels(trusted), classes, strata, Int32Array.from(trusted.keys()));
  const tally = emptyTally(strata, [calibration]);
  const [evidence, given] = [judged(scope), labels(scope)];
  for (const row of scope.keys()) {
    addRow(tally, row, evidence, given, { strata, classes, calibrations: [calibration] });
  }
  return { tally, calibration };
}

describe('as a statistic of tallies', () => {
  const trusted = Array.from({ length: 100 }, (_, i) => i / 100);
  const share = TAIL_SHARES.indexOf(0.05);

  it('counts rows strictly above the fifth largest of 100 trusted scores', () => {
    const { tally, calibration } = compare(trusted, [0.2, 0.95, 0.951, 0.99, 1, 1], ONE_STRATUM, () => 0);
    const { excess, pValueBeyond } = tailStatistic(share)(tally, calibration, 0);
    const strata = [{ rows: 6, trusted: 100, beyond: 5 }];
    expect(excess.value).toBeCloseTo(4 - (6 * 5) / 101, 12);
    expect(excess.rows).toBe(6);
    // Of six poisoned rows beyond, 6 · (1 − 5/101) are more than expected.
    expect(excess.rowsPerUnit).toBeCloseTo(101 / 96, 12);
    expect(pValueBeyond(0)).toBe(tailCountPValue(strata, 4));
    // Only whole rows can be tolerated.
    expect(pValueBeyond(0.99)).toBe(tailCountPValue(strata, 4));
    expect(pValueBeyond(1)).toBe(tailCountPValue(strata, 3));
    expect(pValueBeyond(4)).toBe(1);
  });

  it('leaves out strata that are too small to have such a tail, and rows that are not judged', () => {
    const strata = { count: 2, ofClass: Int32Array.of(0, 1, -1) };
    const small = TAIL_SHARES.indexOf(0.01);
    // Class 0 has 300 trusted rows and three beyond, class 1 has 60 and none.
    const classOf = (row: number) => (row % 6 === 5 ? 1 : 0);
    const many = Array.from({ length: 360 }, (_, i) => i / 360);
    const { tally, calibration } = compare(many, Array<number>(12).fill(1), strata, classOf);
    expect(tailStatistic(small)(tally, calibration, 0).excess.rows).toBe(10);
    expect(tailStatistic(small, 1)(tally, calibration, 0).excess).toMatchObject({ value: 0, rows: 0 });
    expect(tailStatistic(share)(tally, calibration, 0).excess.rows).toBe(12);
    const unjudged = compare(many, [1, Number.NaN], strata, (row) => (row === 0 ? 2 : 0));
    expect(unjudged.tally.rows).toEqual(Float64Array.of(0, 0));
  });
});

describe('rejects as often as it promises on rows of one law, at most', () => {
  const RESAMPLES = 2500;
  const strata = { count: 3, ofClass: Int32Array.of(0, 1, 2) };
  const classOf = (row: number) => (row % 10 < 6 ? 0 : row % 10 < 9 ? 1 : 2);

  it.each([
    ['continuous scores', (random: () => number) => random()],
    ['scores with many ties', (random: () => number) => Math.floor(random() ** 3 * 12) / 12],
  ])('%s', (name, draw) => {
    const random = seededRandom(name);
    const pValues = TAIL_SHARES.map((): number[] => []);
    for (let i = 0; i < RESAMPLES; i++) {
      const rows = (count: number) => Array.from({ length: count }, () => draw(random));
      const { tally, calibration } = compare(rows(600), rows(250), strata, classOf);
      TAIL_SHARES.forEach((_, share) => {
        pValues[share]!.push(tailStatistic(share)(tally, calibration, 0).pValueBeyond(0));
      });
    }
    TAIL_SHARES.forEach((share, at) => {
      expect({ share, beyond: rejectionsBeyondBound(pValues[at]!) }).toEqual({ share, beyond: [] });
    });
  });
});

describe('where the threshold is none of the trusted scores', () => {
  // Of a deck of cards: hands of 13, the other 39 being trusted.
  it.each([
    [[{ rows: 13, trusted: 39, beyond: 2, marked: 4 }], 2, 0.2573349339735894],
    [[{ rows: 13, trusted: 39, beyond: 0, marked: 4 }], 4, 0.002641056422569028],
    [
      [
        { rows: 13, trusted: 39, beyond: 0, marked: 4 },
        { rows: 13, trusted: 39, beyond: 0, marked: 4 },
      ],
      8,
      0.002641056422569028 ** 2,
    ],
  ])('counts are hypergeometric', (strata, count, expected) => {
    expect(tailCountPValue(strata, count)).toBeCloseTo(expected, 12);
  });
});

describe('where the scope has other shares of the classes', () => {
  const RESAMPLES = 2500;
  const byClass = { count: 2, ofClass: Int32Array.of(0, 1) };
  const share = TAIL_SHARES.indexOf(0.02);
  const [TRUSTED, SCOPE] = [600, 400];

  /** Class 1 is odd by nature: a tenth of its rows has scores that hardly a row of class 0 has. */
  const draw = (random: () => number, label: number) => (label === 1 && random() < 0.1 ? 1 : 0) + random();

  function pValuesAt(shareOfOne: number, random: () => number, poisoned = 0) {
    const labelsOf = (rows: number, part: number) => Int32Array.from({ length: rows }, () => (random() < part ? 1 : 0));
    const [trustedLabels, labels] = [labelsOf(TRUSTED, 0.1), labelsOf(SCOPE, shareOfOne)];
    const trusted = judged(Array.from(trustedLabels, (label) => draw(random, label)));
    const all = Int32Array.from(trustedLabels.keys());
    const calibration = calibrate(trusted, trustedLabels, 2, ONE_STRATUM, all, byClass);
    const evidence = judged(Array.from(labels, (label, row) => (row < poisoned ? 2 : draw(random, label))));
    const tally = emptyTally(ONE_STRATUM, [calibration]);
    for (const row of labels.keys()) {
      addRow(tally, row, evidence, labels, { strata: ONE_STRATUM, classes: 2, calibrations: [calibration] });
    }
    const ones = labels.reduce((sum, label) => sum + label, 0);
    const shifted = shiftedTailStatistic(share, Float64Array.of(SCOPE - ones, ones));
    return {
      plain: tailStatistic(share)(tally, calibration, 0).pValueBeyond(0),
      shifted: shifted(tally, calibration, 0).pValueBeyond(0),
    };
  }

  it.each([
    [0.1, 0.1],
    [0.3, 0.1],
    // A few trusted rows stand for most of the scope: a quarter too bold where nobody rejects.
    [0.6, 0.01],
  ])('rejects as often as it promises, at most: %d of the rows in the odd class, levels to %d', (part, highest) => {
    const random = seededRandom(`shift ${part}`);
    const pValues = Array.from({ length: RESAMPLES }, () => pValuesAt(part, random));
    const beyond = rejectionsBeyondBound(pValues.map(({ shifted }) => shifted));
    expect(beyond.filter(({ level }) => level <= highest)).toEqual([]);
    // What makes it needful: without weights such batches are rejected far too often.
    if (part > 0.1) expect(rejectionsBeyondBound(pValues.map(({ plain }) => plain))).toHaveLength(3);
  });

  it('finds rows that are odd in any class', () => {
    const random = seededRandom('shift and poison');
    const pValues = Array.from({ length: 200 }, () => pValuesAt(0.3, random, 40).shifted);
    expect(pValues.filter((p) => p <= 0.001).length).toBeGreaterThan(190);
  });

  it('is the plain one where nothing is known by class', () => {
    const { tally, calibration } = compare([1, 2, 3], [4], ONE_STRATUM, () => 0);
    const [shifted, plain] = [shiftedTailStatistic(5, Float64Array.of(1)), tailStatistic(5)];
    expect(shifted(tally, calibration, 0).excess).toEqual(plain(tally, calibration, 0).excess);
  });
});
