import { beforeAll, describe, expect, it } from 'vitest';
import { contradict } from '../../../src/detect/trigger/contradiction.js';
import { classLikeness, excessLikeness, likenessIn, likenessOf } from '../../../src/detect/trigger/likeness.js';
import { type Matrix, seededRandom, standardNormal, startBackend } from '../../../src/linear/index.js';

beforeAll(() => startBackend('wasm'));

/** Rows about a centre for each class, in two dimensions; scores tell the classes apart. */
function rowsOf(seed: string, count: number, centre: readonly [number, number], deviation = 0.5): Matrix {
  const random = seededRandom(seed);
  const data = Float32Array.from(
    { length: 2 * count },
    (_, i) => (centre[i % 2] ?? 0) + deviation * standardNormal(random),
  );
  return { rows: count, cols: 2, data };
}

const IDENTITY: Matrix = { rows: 2, cols: 2, data: Float32Array.of(1, 0, 0, 1) };
const FIRST = [1, 0] as const;
const SECOND = [0, 1] as const;

describe('labels and a model that cannot see what their rows have in common', () => {
  it('agree where the rows look like their class', () => {
    const said = contradict(rowsOf('own', 60, FIRST), IDENTITY, rowsOf('others', 300, SECOND), 0);
    expect(said.bound).toBeGreaterThan(0.85);
    expect(said.contradicted).toBeLessThan(12);
  });

  it('contradict where the rows are of another class', () => {
    const said = contradict(rowsOf('own', 60, SECOND), IDENTITY, rowsOf('others', 300, SECOND), 0);
    expect(said.bound).toBeLessThan(0.7);
    expect(said.contradicted).toBeGreaterThan(45);
    expect(said.looksLike).toBe(1);
  });
});

describe('how alike rows are', () => {
  it('is usual for random rows of the class and more for a topic within it', () => {
    const random = seededRandom('rows');
    const features: Matrix = {
      rows: 400,
      cols: 20,
      data: Float32Array.from({ length: 8000 }, () => standardNormal(random)),
    };
    const trusted = likenessIn(classLikeness(features, new Int32Array(400), 1), 0);
    const drawn = likenessOf(
      features,
      Int32Array.from({ length: 60 }, (_, i) => 6 * i),
    );
    expect(Math.abs(excessLikeness(drawn, trusted))).toBeLessThan(2);
    const topic = { ...features, data: features.data.map((value, i) => value + (i % 20 < 3 ? 1 : 0)) };
    expect(
      excessLikeness(
        likenessOf(
          topic,
          Int32Array.from({ length: 60 }, (_, i) => 6 * i),
        ),
        trusted,
      ),
    ).toBeGreaterThan(4);
  });
});
