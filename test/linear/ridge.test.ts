import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type CopyGroups,
  fitLeverages,
  fitRidge,
  gramSums,
  leaveOneOutScores,
  type Matrix,
  multiply,
  multiplyRelu,
  normals,
  residentRelu,
  residentScope,
  seededRandom,
  selectRows,
  squaredNorms,
  startBackend,
  toResident,
  zeros,
} from '../../src/linear/index.js';

const DIMS = 9;
const CLASSES = 3;
const LAMBDA = 0.7;

interface Sample {
  readonly rows: Matrix;
  readonly targets: Int32Array;
  readonly copies: CopyGroups;
}

/** Random rows; the rows of a group are copies of one another, with labels of their own, some without. */
function sampleRows(groupSizes: readonly number[], seed: string): Sample {
  const random = seededRandom(seed);
  const groups = groupSizes.flatMap((size, group) => new Array<number>(size).fill(group)).sort(() => random() - 0.5);
  const distinct = { rows: groupSizes.length, cols: DIMS, data: normals(random, groupSizes.length * DIMS) };
  return {
    rows: selectRows(distinct, groups),
    targets: Int32Array.from(groups, () => Math.floor(random() * (CLASSES + 1)) - 1),
    copies: { groupOf: Int32Array.from(groups), sizes: Int32Array.from(groupSizes) },
  };
}

/** The fit on every row but those of `group`. */
function refitWithout({ rows, targets, copies }: Sample, group: number) {
  const rest = [...copies.groupOf.keys()].filter((row) => copies.groupOf[row] !== group);
  const restTargets = Int32Array.from(rest, (row) => targets[row]!);
  return fitRidge(gramSums(selectRows(rows, rest), restTargets, CLASSES), LAMBDA);
}

function greatestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (value, at) => Math.abs(value - b[at]!)));
}

const samples: [string, Sample][] = [
  ['single rows', sampleRows(new Array<number>(50).fill(1), 'single')],
  ['rows and groups of copies', sampleRows([1, 1, 7, 2, 1, 3, 1, 12, 1, 1, 2, 1], 'copies')],
  ['fewer rows than columns', sampleRows([1, 2, 1, 1], 'narrow')],
];

beforeAll(async () => {
  await startBackend('wasm');
});

describe.each(samples)('leaving out in closed form, %s', (_, sample) => {
  const { rows, targets, copies } = sample;
  const rowsOf = (group: number) => [...copies.groupOf.keys()].filter((row) => copies.groupOf[row] === group);

  it('scores a row as a fit without it and all its copies does', () => {
    const ridge = fitRidge(gramSums(rows, targets, CLASSES), LAMBDA);
    const scores = leaveOneOutScores(ridge, rows, targets, copies);
    copies.sizes.forEach((_, group) => {
      const left = rowsOf(group);
      const expected = multiply(selectRows(rows, left), refitWithout(sample, group).weights);
      expect(greatestDifference(selectRows(scores, left).data, expected.data)).toBeLessThan(1e-4);
    });
  });

  it('gives a row the leverage it has over the other rows', () => {
    const { own: leverage } = fitLeverages(rows, LAMBDA, { copies, digests: Float64Array.from(copies.groupOf) });
    copies.sizes.forEach((_, group) => {
      const left = rowsOf(group);
      const expected = squaredNorms(selectRows(rows, left), refitWithout(sample, group).whitening).data;
      left.forEach((row, i) => expect(leverage[row]! / expected[i]!).toBeCloseTo(1, 3));
    });
  });
});

describe('gramSums', () => {
  it('adds up over parts, chunks of tensors included', () => {
    const rows = { rows: 5000, cols: DIMS, data: normals(seededRandom('parts'), 5000 * DIMS) };
    const targets = Int32Array.from({ length: 5000 }, (_, row) => (row % (CLASSES + 1)) - 1);
    const whole = gramSums(rows, targets, CLASSES);
    const parts = [0, 1700, 1701, 5000].slice(1).map((to, part) => {
      const from = [0, 1700, 1701][part]!;
      const indices = Array.from({ length: to - from }, (_, i) => from + i);
      return gramSums(selectRows(rows, indices), targets.subarray(from, to), CLASSES);
    });
    for (const sum of ['gram', 'moments'] as const) {
      const added = whole[sum].map((_, at) => parts.reduce((total, part) => total + part[sum][at]!, 0));
      expect(greatestDifference(added, whole[sum])).toBeLessThan(0.01);
    }
  });

  it('equals sums taken one row at a time', () => {
    const { rows, targets } = sampleRows([1, 2, 3, 4], 'by hand');
    const { gram, moments } = gramSums(rows, targets, CLASSES);
    const cell = (row: number, column: number) => rows.data[row * DIMS + column]!;
    const all = [...targets.keys()];
    const sum = (term: (row: number) => number) => all.reduce((total, row) => total + term(row), 0);
    const expectedGram = gram.map((_, at) => sum((row) => cell(row, Math.floor(at / DIMS)) * cell(row, at % DIMS)));
    const expectedMoments = moments.map((_, at) =>
      sum((row) => (targets[row] === at % CLASSES ? cell(row, Math.floor(at / CLASSES)) : 0)),
    );
    expect(greatestDifference(gram, expectedGram)).toBeLessThan(1e-4);
    expect(greatestDifference(moments, expectedMoments)).toBeLessThan(1e-4);
  });
});

describe('tensors', () => {
  const rows = { rows: 4100, cols: DIMS, data: normals(seededRandom('memory'), 4100 * DIMS) };
  const right = { rows: DIMS, cols: DIMS, data: normals(seededRandom('right'), DIMS * DIMS) };

  it('compute what plain loops compute, over more than one chunk', () => {
    const expected = Float64Array.from({ length: rows.rows * DIMS }, (_, at) => {
      const row = Math.floor(at / DIMS);
      return right.data.reduce(
        (sum, value, k) => (k % DIMS === at % DIMS ? sum + value * rows.data[row * DIMS + Math.floor(k / DIMS)]! : sum),
        0,
      );
    });
    expect(greatestDifference(multiply(rows, right).data, expected)).toBeLessThan(1e-4);
    const positive = expected.map((value) => Math.max(0, value));
    expect(greatestDifference(multiplyRelu(rows, right).data, positive)).toBeLessThan(1e-4);
    const norms = Float64Array.from({ length: rows.rows }, (_, row) =>
      expected.subarray(row * DIMS, (row + 1) * DIMS).reduce((sum, v) => sum + v * v, 0),
    );
    expect(greatestDifference(squaredNorms(rows, right).data, norms)).toBeLessThan(1e-3);
  });

  it('are all let go, also when a product fails', () => {
    const copies = { groupOf: Int32Array.from({ length: 4100 }, (_, row) => row), sizes: new Int32Array(4100).fill(1) };
    const targets = new Int32Array(4100);
    const before = tf.memory().numTensors;
    const ridge = fitRidge(gramSums(rows, targets, 2), 1);
    leaveOneOutScores(ridge, rows, targets, copies);
    residentScope(() => multiply(residentRelu(toResident(rows), right), zeros(right.cols, 2)));
    expect(() =>
      residentScope(() => {
        toResident(rows);
        throw new Error('half-way');
      }),
    ).toThrow('half-way');
    multiplyRelu(rows, right);
    expect(() => multiply(rows, { rows: 2, cols: 2, data: new Float32Array(4) })).toThrow();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('are the same numbers on every run and for any rows that travel along', () => {
    const some = Array.from({ length: 37 }, (_, i) => i * 100);
    expect(multiply(selectRows(rows, some), right).data).toEqual(selectRows(multiply(rows, right), some).data);
    const norms = squaredNorms(rows, right);
    expect(squaredNorms(selectRows(rows, some), right).data).toEqual(selectRows(norms, some).data);
  });

  it('say nothing of no rows', () => {
    expect(multiply({ rows: 0, cols: DIMS, data: new Float32Array(0) }, right).data).toHaveLength(0);
  });
});
