import { Uint8 } from 'apache-arrow';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeVectors, fitPictures, type VectorModel } from '../../src/encode/vectors.js';
import { type Matrix, type Random, seededRandom, startBackend } from '../../src/linear/index.js';
import { everyRow, lists, tableOf } from './tables.js';

beforeAll(async () => {
  await startBackend('wasm');
});

const SIDE = 16;

/** A short bar, upright or level, of any brightness at any place, on a ground of noise. */
function barPicture(isUpright: boolean, random: Random, side = SIDE): number[] {
  const [from, at] = [2 + Math.floor(random() * (side - 10)), 2 + Math.floor(random() * (side - 4))];
  const bright = 120 + 100 * random();
  return Array.from({ length: side * side }, (_, pixel) => {
    const [y, x] = [Math.floor(pixel / side), pixel % side];
    const [along, across] = isUpright ? [y, x] : [x, y];
    const isBar = across === at && along >= from && along < from + 6;
    return Math.floor((isBar ? bright : 20) + 30 * random());
  });
}

function bars(count: number, seed: string): number[][] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, row) => barPicture(row % 2 === 0, random));
}

const pixels = (cells: readonly (readonly unknown[] | null)[]) => tableOf({ v: lists(cells, new Uint8()) });
const trusted = pixels(bars(40, 'trusted'));
const fitted = (table = trusted) => fitPictures(table, 'v', everyRow(table), 'seed');

function rowOf({ data, cols }: Matrix, row: number): Float32Array {
  return data.subarray(row * cols, (row + 1) * cols);
}

/** Share of new pictures whose nearest trusted one is of their kind. */
function told(features: Matrix, reference: Matrix): number {
  const distance = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, d) => sum + (value - b[d]!) ** 2, 0);
  const right = Array.from({ length: features.rows }, (_, row) => {
    const distances = Array.from({ length: reference.rows }, (_, other) =>
      distance(rowOf(features, row), rowOf(reference, other)),
    );
    return distances.indexOf(Math.min(...distances)) % 2 === row % 2;
  });
  return right.filter(Boolean).length / right.length;
}

describe('pictures', () => {
  it('are told by what they show, wherever and however brightly', () => {
    const model = fitted();
    const fresh = pixels(bars(100, 'fresh'));
    expect(told(encodeVectors(model, fresh), encodeVectors(model, trusted))).toBeGreaterThan(0.9);
    const plain: VectorModel = { name: 'v', filters: null, centre: new Float32Array(SIDE * SIDE), deviation: 1 };
    expect(told(encodeVectors(plain, fresh), encodeVectors(plain, trusted))).toBeLessThan(0.9);
  });

  it('have features about as long as those of other lists, the same from what the model was sent as', () => {
    const model = fitted();
    const encoded = encodeVectors(model, trusted);
    const squares = encoded.data.reduce((sum, value) => sum + value ** 2, 0);
    expect(squares / (encoded.rows * (encoded.cols - 1))).toBeCloseTo(1, 3);
    expect(encodeVectors(structuredClone(model), trusted)).toEqual(encoded);
    expect(fitted()).toEqual(model);
  });

  it('that are missing are flagged, and so are single pixels, each by its share', () => {
    const some: (number | null)[] = bars(1, 'holes')[0]!;
    some.fill(null, 0, 64);
    const encoded = encodeVectors(fitted(), pixels([null, some]));
    const flags = [0, 1].map((row) => rowOf(encoded, row).at(-1)!);
    expect(flags[0]).toBeCloseTo(Math.sqrt(encoded.cols - 1), 4);
    expect(flags[1]).toBeCloseTo(flags[0]! / 4, 4);
    expect(encoded.data.every(Number.isFinite)).toBe(true);
  });

  it('too small for filters, or not square, are taken pixel by pixel', () => {
    for (const size of [49, 80]) {
      const table = pixels(
        Array.from({ length: 20 }, (_, row) => Array.from({ length: size }, (_, at) => (row * at) % 251)),
      );
      const model = fitted(table);
      expect([model.filters, model.centre.length]).toEqual([null, size]);
    }
  });

  it('of one grey all over are all alike', () => {
    const grey = pixels(Array.from({ length: 20 }, () => new Array(SIDE * SIDE).fill(7)));
    const encoded = encodeVectors(fitted(grey), grey);
    expect(encoded.data.every((value) => value === 0)).toBe(true);
    expect(encodeVectors(fitted(grey), trusted).data.every(Number.isFinite)).toBe(true);
  });

  it('larger than need be are told by as many numbers as small ones', () => {
    const random = seededRandom('large');
    const large = pixels(Array.from({ length: 8 }, (_, row) => barPicture(row % 2 === 0, random, 130)));
    const model = fitted(large);
    expect(model.filters).toMatchObject({ side: 130, shrink: 3 });
    expect(model.centre.length).toBe(fitted().centre.length);
    expect(encodeVectors(model, large).data.every(Number.isFinite)).toBe(true);
  });
});
