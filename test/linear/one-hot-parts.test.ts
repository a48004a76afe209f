import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  fromResident,
  joinResidents,
  leftColumns,
  type Matrix,
  multiply,
  multiplySome,
  normals,
  packSigns,
  type Resident,
  residentScaled,
  residentScope,
  seededRandom,
  squaredNorms,
  startBackend,
  toResident,
  zeros,
} from '../../src/linear/index.js';
import { projectedNorms } from '../../src/linear/products.js';

const ROWS = 500;
const FACTOR = 0.37;
/** Two columns of numbers, a group, a number, a group that ends the rows. */
const COLS = 40;
const GROUPS = [
  { from: 2, width: 20 },
  { from: 23, width: 17 },
];

/** Every fifth row of a group has no one. */
function sample(): Matrix {
  const random = seededRandom('rows');
  const rows = zeros(ROWS, COLS);
  for (let row = 0; row < ROWS; row++) {
    const own = rows.data.subarray(row * COLS, (row + 1) * COLS);
    for (const column of [0, 1, 22]) own[column] = random() - 0.5;
    for (const { from, width } of GROUPS) if (row % 5 > 0) own[from + Math.floor(random() * width)] = 1;
  }
  return rows;
}

function matrix(seed: string, rows: number, cols: number): Matrix {
  return { rows, cols, data: normals(seededRandom(seed), rows * cols) };
}

/** What is computed of the rows with groups, and of the same rows as plain numbers; others stand beside both. */
function bothWays<T>(compute: (rows: Resident) => T): { withGroups: T; plain: T } {
  const beside = matrix('beside', ROWS, 3);
  const of = (groups: typeof GROUPS) =>
    residentScope(() => compute(joinResidents([residentScaled(sample(), FACTOR, groups), toResident(beside)])));
  return { withGroups: of(GROUPS), plain: of([]) };
}

function expectAlike({ withGroups, plain }: { withGroups: ArrayLike<number>; plain: ArrayLike<number> }): void {
  expect(withGroups).toHaveLength(plain.length);
  const differences = Array.from(plain, (value, at) => Math.abs(value - (withGroups[at] as number)));
  expect(Math.max(...differences)).toBeLessThan(1e-5);
}

beforeAll(async () => {
  await startBackend('wasm');
});

describe('columns of which a row has one', () => {
  it('are not kept as numbers', () => {
    const kept = (groups: typeof GROUPS) =>
      residentScope(() => {
        residentScaled(sample(), FACTOR, groups);
        return tf.memory().numBytes;
      });
    expect(kept(GROUPS)).toBeLessThan(kept([]) / 4);
  });

  it('have the products of plain numbers', () => {
    const right = matrix('right', COLS + 3, 7);
    expectAlike(bothWays((rows) => multiply(rows, right).data));
    expectAlike(bothWays((rows) => multiplySome(rows, Int32Array.of(3, 499, 0, 5, 5), right).data));
    expectAlike(bothWays((rows) => squaredNorms(rows, right).data));
  });

  it('have the same lengths, within a span and outside', () => {
    const basis = matrix('basis', COLS + 3, 5);
    const weights = matrix('weights', 5, 1);
    for (const side of ['inside', 'outside'] as const) {
      const { withGroups, plain } = bothWays((rows) => projectedNorms(rows, basis, weights)[side]);
      const [greatest] = Float32Array.from(plain, Math.abs).sort().reverse();
      expectAlike({ withGroups: withGroups.map((v) => v / greatest!), plain: plain.map((v) => v / greatest!) });
    }
  });

  it('are numbers wherever they are cut, packed or read', () => {
    const { withGroups, plain } = bothWays((rows) => [
      fromResident(rows).data,
      fromResident(leftColumns(rows, 30)).data,
      packSigns(rows, { from: 1, end: COLS + 3, groups: 2, perGroup: 20 }).data,
    ]);
    expect(withGroups).toEqual(plain);
  });

  it('are left as they are where they are few, or narrow', () => {
    const tensors = (groups: typeof GROUPS) =>
      residentScope(() => {
        residentScaled(sample(), FACTOR, groups);
        return tf.memory().numTensors - before;
      });
    const before = tf.memory().numTensors;
    expect(tensors(GROUPS.slice(0, 1).map(({ from }) => ({ from, width: 15 })))).toBe(1);
    expect(tensors(Array.from({ length: 6 }, (_, at) => ({ from: 2 + 3 * at, width: 3 })))).toBe(1);
    expect(tensors(GROUPS)).toBe(3);
    expect(tf.memory().numTensors).toBe(before);
  });
});
