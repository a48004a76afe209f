import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  fitLeverages,
  fitRidge,
  gramSums,
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
  const { data, ...size } = noise(rows, seed);
  return { ...size, data: data.map((value, at) => value / (1 + (at % DIMS) / 8)) };
}

/** Rows of which no direction has more than another. */
function noise(rows: number, seed: string): Matrix {
  return { rows, cols: DIMS, data: normals(seededRandom(seed), rows * DIMS) };
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

function fitOn(rows: Matrix, copies = noCopies(rows.rows)) {
  return fitLeverages(rows, LAMBDA, { copies, digests: Float64Array.from(copies.groupOf) });
}

beforeAll(async () => {
  await startBackend('wasm');
});

describe('leverage within a subspace', () => {
  it('is used for many wide rows only', () => {
    expect(fitOn(trusted).model).toHaveProperty('basis');
    expect(fitOn(sample(300, 'few')).model).toHaveProperty('whitening');
  });

  it('has an orthonormal basis', () => {
    const { model } = fitOn(trusted);
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
    const exact = leverages(fitRidge(gramSums(trusted, new Int32Array(ROWS), 0), LAMBDA), fresh);
    const near = leverages(fitOn(trusted).model, fresh);
    expect(correlation(ranks(exact), ranks(near))).toBeGreaterThan(0.9);
  });

  it('puts a row far off above all others, inside the subspace or outside', () => {
    const rows = sample(50, 'odd');
    for (let d = 0; d < 20; d++) {
      rows.data[7 * DIMS + d] = 9;
      rows.data[21 * DIMS + DIMS - 1 - d] = 2;
    }
    const found = leverages(fitOn(trusted).model, rows);
    const worst = [...found.keys()].sort((a, b) => found[b]! - found[a]!).slice(0, 2);
    expect(worst.sort()).toEqual([21, 7]);
  });

  it.each([
    ['of few directions', sample],
    ['of noise', noise],
  ])('gives trusted rows, themselves left out, what fresh rows get: rows %s', (_, draw) => {
    // A trusted row that bent the subspace towards itself would look better than a fresh one.
    const { model, own } = fitOn(draw(ROWS, 'trusted'));
    const fresh = Float64Array.from(leverages(model, draw(4 * ROWS, 'others'))).sort();
    const sorted = Float64Array.from(own).sort();
    for (const share of [0.1, 0.5, 0.9]) {
      const threshold = sorted[Math.floor(share * ROWS)]!;
      const beyond = fresh.filter((leverage) => leverage > threshold).length / fresh.length;
      // Three standard errors of both samples.
      const error = 3 * Math.sqrt(share * (1 - share) * (1 / ROWS + 1 / fresh.length));
      expect(beyond - (1 - share)).toBeLessThan(error);
      // Those that judge trusted rows know an eighth less of them: fresh rows may look a little better.
      expect(beyond - (1 - share)).toBeGreaterThan(-error - 0.02);
    }
  });

  it('gives rows what they get, however often another one is copied', () => {
    const rows = sample(ROWS, 'trusted');
    const COPIES = 5000;
    const twice = selectRows(rows, [...Array(ROWS).keys(), ...new Array<number>(COPIES).fill(3)]);
    const groupOf = Int32Array.from({ length: ROWS + COPIES }, (_, row) => (row < ROWS ? row : 3));
    const sizes = new Int32Array(ROWS).fill(1);
    sizes[3] = 1 + COPIES;
    const { model, own } = fitOn(twice, { groupOf, sizes });
    const median = (values: Float64Array) => Float64Array.from(values).sort()[Math.floor(values.length / 2)]!;
    const fresh = median(leverages(model, sample(ROWS, 'others')));
    for (const part of [0, 1, 2, 3, 4, 5, 6, 7]) {
      const others = own.filter((_, row) => row < ROWS && row % 8 === part);
      expect(median(others) / fresh).toBeGreaterThan(0.85);
      expect(median(others) / fresh).toBeLessThan(1.3);
    }
  });

  it('lets go of all tensors', () => {
    const before = tf.memory().numTensors;
    fitOn(trusted);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is the same for a row in any company', () => {
    const { model } = fitOn(trusted);
    const fresh = sample(100, 'fresh');
    expect(leverages(model, selectRows(fresh, [42]))[0]).toBe(leverages(model, fresh)[42]);
  });
});
