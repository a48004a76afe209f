import { beforeAll, describe, expect, it } from 'vitest';
import {
  type FilterBank,
  type Matrix,
  normals,
  poolResponses,
  seededRandom,
  shrinkPictures,
  startBackend,
} from '../../src/linear/index.js';

beforeAll(async () => {
  await startBackend('wasm');
});

const random = seededRandom('convolution');

function bankOf(shape: Pick<FilterBank, 'side' | 'channels' | 'shrink' | 'stride'>): FilterBank {
  const [size, filters] = [3, 4];
  const rows = size * size * shape.channels;
  const weights = { rows, cols: filters, data: normals(random, rows * filters) };
  return { ...shape, size, weights, middles: normals(random, filters) };
}

function picturesOf({ side, channels }: Pick<FilterBank, 'side' | 'channels'>, rows: number): Matrix {
  const cols = side * side * channels;
  return { rows, cols, data: normals(random, rows * cols) };
}

/** What a filter answers at a place, less its middle. */
function answerOf(
  bank: FilterBank,
  pictures: Matrix,
  picture: number,
  place: readonly [number, number],
  filter: number,
) {
  const { side, channels, size, stride, weights, middles } = bank;
  let sum = -middles[filter]!;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size * channels; x++) {
      const cell = ((place[0] * stride + y) * side + place[1] * stride) * channels + x;
      sum +=
        pictures.data[picture * pictures.cols + cell]! *
        weights.data[(y * size * channels + x) * weights.cols + filter]!;
    }
  }
  return sum;
}

describe('answers of filters', () => {
  it.each([
    ['grey', { side: 10, channels: 1, shrink: 1, stride: 1 }, 8, 3],
    ['coloured, from every second place', { side: 12, channels: 3, shrink: 1, stride: 2 }, 5, 2],
  ])('over parts of %s pictures are means of what lies above the middle, then below', (_, shape, places, pool) => {
    const bank = bankOf(shape);
    // More than are taken at a time.
    const pictures = picturesOf(shape, 300);
    const { data, cols } = poolResponses(bank, pictures);
    const parts = Math.ceil(places / pool);
    expect(cols).toBe(2 * 4 * parts * parts);
    for (const picture of [0, 299]) {
      const expected: number[] = [];
      for (let part = 0; part < parts * parts; part++) {
        const rows = placesIn(Math.floor(part / parts), pool, places);
        const columns = placesIn(part % parts, pool, places);
        for (const sign of [1, -1]) {
          for (let filter = 0; filter < 4; filter++) {
            const answers = rows.flatMap((y) => columns.map((x) => answerOf(bank, pictures, picture, [y, x], filter)));
            expected.push(answers.reduce((sum, answer) => sum + Math.max(0, sign * answer), 0) / answers.length);
          }
        }
      }
      const own = data.subarray(picture * cols, (picture + 1) * cols);
      own.forEach((value, at) => {
        expect(value).toBeCloseTo(expected[at]!, 4);
      });
    }
  });

  it('to pictures that are shrunk are those to the smaller ones', () => {
    const bank = bankOf({ side: 20, channels: 3, shrink: 2, stride: 1 });
    const pictures = picturesOf(bank, 3);
    const small = shrinkPictures(bank, pictures);
    expect(small.cols).toBe(10 * 10 * 3);
    expect(small.data[0]).toBeCloseTo(
      [0, 3, 60, 63].reduce((sum, at) => sum + pictures.data[at]! / 4, 0),
      5,
    );
    expect(poolResponses({ ...bank, side: 10, shrink: 1 }, small)).toEqual(poolResponses(bank, pictures));
  });
});

/** Those of one part; the last part may have fewer, and where places are left over on both sides the first has. */
function placesIn(part: number, pool: number, places: number): number[] {
  const before = Math.floor((Math.ceil(places / pool) * pool - places) / 2);
  const all = Array.from({ length: pool }, (_, at) => part * pool + at - before);
  return all.filter((place) => place >= 0 && place < places);
}
