import { beforeAll, describe, expect, it } from 'vitest';
import {
  fitLogistic,
  type Matrix,
  multiply,
  normals,
  seededRandom,
  startBackend,
  zeros,
} from '../../src/linear/index.js';
import { toProbabilities } from '../../src/linear/logistic.js';

const ROWS = 600;
const DIMS = 5;
const CLASSES = 4;
const PENALTY = 3;

beforeAll(async () => {
  await startBackend('wasm');
});

/** Rows whose class is drawn with the probabilities that `weights` give. */
function sample(seed: string): { rows: Matrix; targets: Int32Array } {
  const random = seededRandom(seed);
  const rows = { rows: ROWS, cols: DIMS, data: normals(random, ROWS * DIMS) };
  const weights = { rows: DIMS, cols: CLASSES, data: normals(random, DIMS * CLASSES) };
  const { data } = toProbabilities(multiply(rows, weights));
  const targets = Int32Array.from({ length: ROWS }, (_, row) => {
    let left = random();
    for (let c = 0; c < CLASSES - 1; c++) {
      left -= data[row * CLASSES + c] as number;
      if (left < 0) return c;
    }
    return CLASSES - 1;
  });
  return { rows, targets };
}

/** Of the penalised loss; all zeros at its minimum. */
function slopes({ data }: Matrix, { rows, targets }: ReturnType<typeof sample>, start: Matrix): number[] {
  const { data: shares } = toProbabilities(multiply(rows, { rows: DIMS, cols: CLASSES, data }));
  return Array.from(data, (weight, at) => {
    const [d, c] = [Math.floor(at / CLASSES), at % CLASSES];
    let slope = PENALTY * (weight - (start.data[at] as number));
    targets.forEach((target, row) => {
      const excess = (shares[row * CLASSES + c] as number) - (target === c ? 1 : 0);
      if (target >= 0) slope += (rows.data[row * DIMS + d] as number) * excess;
    });
    return slope;
  });
}

describe('fitLogistic', () => {
  it('ends where the penalised log loss is least', () => {
    const data = sample('least');
    const start = zeros(DIMS, CLASSES);
    const before = slopes(start, data, start);
    const after = slopes(fitLogistic(data.rows, data.targets, start, PENALTY), data, start);
    expect(Math.max(...after.map(Math.abs))).toBeLessThan(0.01 * Math.max(...before.map(Math.abs)));
  });

  it('takes no notice of rows without a class', () => {
    const { rows, targets } = sample('classless');
    const start = zeros(DIMS, CLASSES);
    const half = ROWS / 2;
    const some = targets.map((target, row) => (row < half ? target : -1));
    const few = { rows: half, cols: DIMS, data: rows.data.slice(0, half * DIMS) };
    const ofFew = fitLogistic(few, targets.slice(0, half), start, PENALTY);
    const ofSome = fitLogistic(rows, some, start, PENALTY);
    ofSome.data.forEach((weight, at) => {
      expect(weight).toBeCloseTo(ofFew.data[at] as number, 2);
    });
  });

  it('stays where it starts when no row says otherwise', () => {
    const start = { ...zeros(DIMS, CLASSES), data: normals(seededRandom('start'), DIMS * CLASSES) };
    const { rows } = sample('none');
    expect(fitLogistic(rows, new Int32Array(ROWS).fill(-1), start, PENALTY)).toEqual(start);
  });
});
