import { beforeAll, describe, expect, it } from 'vitest';
import {
  fitLeverage,
  gramSums,
  leaveOneOutLeverages,
  leverages,
  type Matrix,
  normals,
  seededRandom,
  selectRows,
  startBackend,
} from '../../src/linear/index.js';

const DIMS = 200;
const ROWS = 1200;
const LAMBDA = 1;

/** Rows whose variance falls off from direction to direction, as that of real features does. */
function sample(rows: number, seed: string): Matrix {
  const data = normals(seededRandom(seed), rows * DIMS);
  return { rows, cols: DIMS, data: data.map((value, at) => value / (1 + (at % DIMS) / 8)) };
}

const noCopies = (rows: number) => ({
  groupOf: Int32Array.from({ length: rows }, (_, row) => row),
  sizes: new Int32Array(rows).fill(1),
});

function ranks(values: Float64Array): number[] {
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
  const rank: number[] = [];
  order.forEach((at, place) => {
    rank[at] = place;
  });
  return rank;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const centre = (a.length - 1) / 2;
  const products = a.reduce((sum, rank, at) => sum + (rank - centre) * (b[at]! - centre), 0);
  return products / a.reduce((sum, rank) => sum + (rank - centre) ** 2, 0);
}

const trusted = sample(ROWS, 'trusted');
const sums = () => gramSums(trusted, new Int32Array(ROWS), 0);

beforeAll(async () => {
  await startBackend('wasm');
});

describe('leverage within a subspace', () => {
  it('is used for many wide rows only', () => {
    expect(fitLeverage(sums(), LAMBDA, ROWS)).toHaveProperty('basis');
    expect(fitLeverage(sums(), LAMBDA, 300)).toHaveProperty('whitening');
  });

  it('has an orthonormal basis', () => {
    const model = fitLeverage(sums(), LAMBDA, ROWS);
    if ('whitening' in model) throw new Error('no subspace');
    const { basis } = model;
    for (const [i, j] of [
      [0, 0],
      [79, 79],
      [0, 79],
      [3, 40],
    ]) {
      let product = 0;
      for (let d = 0; d < DIMS; d++) product += basis.data[d * basis.cols + i!]! * basis.data[d * basis.cols + j!]!;
      expect(product).toBeCloseTo(i === j ? 1 : 0, 3);
    }
  });

  it('ranks fresh rows as the exact one does', () => {
    const fresh = sample(400, 'fresh');
    const exact = leverages(fitLeverage(sums(), LAMBDA, 0), fresh);
    const near = leverages(fitLeverage(sums(), LAMBDA, ROWS), fresh);
    expect(correlation(ranks(exact), ranks(near))).toBeGreaterThan(0.9);
  });

  it('puts a row far off above all others, inside the subspace or outside', () => {
    const rows = sample(50, 'odd');
    for (let d = 0; d < 20; d++) {
      rows.data[7 * DIMS + d] = 9;
      rows.data[21 * DIMS + DIMS - 1 - d] = 2;
    }
    const found = leverages(fitLeverage(sums(), LAMBDA, ROWS), rows);
    const worst = [...found.keys()].sort((a, b) => found[b]! - found[a]!).slice(0, 2);
    expect(worst.sort()).toEqual([21, 7]);
  });

  it('gives trusted rows, themselves left out, what fresh rows get', () => {
    // A trusted row that bent the subspace towards itself would look better than a fresh one.
    const fresh = leverages(fitLeverage(sums(), LAMBDA, ROWS), sample(ROWS, 'others'));
    const own = leaveOneOutLeverages(fitLeverage(sums(), LAMBDA, ROWS), trusted, noCopies(ROWS));
    const quantile = (values: Float64Array, share: number) =>
      Float64Array.from(values).sort()[Math.floor(share * values.length)]!;
    for (const share of [0.1, 0.5, 0.9]) expect(quantile(own, share) / quantile(fresh, share)).toBeCloseTo(1, 1);
  });

  it('is the same for a row in any company', () => {
    const model = fitLeverage(sums(), LAMBDA, ROWS);
    const fresh = sample(100, 'fresh');
    expect(leverages(model, selectRows(fresh, [42]))[0]).toBe(leverages(model, fresh)[42]);
  });
});
