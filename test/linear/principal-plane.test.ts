import { beforeAll, describe, expect, it } from 'vitest';
import {
  fitPlane,
  type Matrix,
  normals,
  placeRows,
  residentScope,
  seededRandom,
  startBackend,
  toResident,
} from '../../src/linear/index.js';

const ROWS = 500;
/** Standard deviations by dimension, around a mean of 7: most along the third, then along the first. */
const SPREADS = [2, 0.3, 5, 0.2];

function sample(seed: string): Matrix {
  const data = normals(seededRandom(seed), ROWS * SPREADS.length).map((value, at) => 7 + value * SPREADS[at % 4]!);
  return { rows: ROWS, cols: SPREADS.length, data };
}

beforeAll(async () => {
  await startBackend('wasm');
});

describe('fitPlane', () => {
  it('finds the directions of greatest variance, greatest first', () => {
    const { directions } = fitPlane(sample('rows'))!;
    const [x, y] = [0, 1].map((axis) => [0, 1, 2, 3].map((d) => Math.abs(directions.data[2 * d + axis]!)));
    expect(x![2]).toBeGreaterThan(0.99);
    expect(y![0]).toBeGreaterThan(0.99);
  });

  it('is the same every time, and null where rows do not differ', () => {
    expect(fitPlane(sample('rows'))).toEqual(fitPlane(sample('rows')));
    expect(fitPlane({ rows: 50, cols: 3, data: new Float32Array(150).fill(0.7) })).toBeNull();
    expect(fitPlane({ rows: 50, cols: 1, data: sample('narrow').data.slice(0, 50) })).toBeNull();
  });
});

describe('placeRows', () => {
  it('puts the fitted rows around the origin, spread as they are', () => {
    const places = placeRows(fitPlane(sample('rows'))!, sample('rows'));
    for (const [axis, spread] of [5, 2].entries()) {
      const own = places.filter((_, at) => at % 2 === axis);
      const mean = own.reduce((sum, value) => sum + value, 0) / ROWS;
      expect(mean).toBeCloseTo(0, 3);
      expect(Math.sqrt(own.reduce((sum, value) => sum + value ** 2, 0) / ROWS)).toBeCloseTo(spread, 0);
    }
  });

  it('gives the same for rows that are resident', () => {
    const plane = fitPlane(sample('rows'))!;
    const placed = residentScope(() => placeRows(plane, toResident(sample('others'))));
    expect(placed).toEqual(placeRows(plane, sample('others')));
  });
});
