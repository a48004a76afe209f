import { beforeAll, describe, expect, it } from 'vitest';
import { binomialBound } from '../../bench/binomial-bound.js';
import { spectralPValue } from '../../src/decide/index.js';
import {
  alongDirections,
  type ClassedRows,
  countSpectral,
  fitSpectral,
  type SpectralModel,
} from '../../src/detect/index.js';
import type { Matrix } from '../../src/linear/index.js';
import { normals, seededRandom, startBackend } from '../../src/linear/index.js';

const DIMS = 16;
const CLASSES = 2;
const RESAMPLES = 60;

beforeAll(async () => {
  await startBackend('wasm');
});

/** Two classes apart from one another, with columns of falling spread. */
function draw(rows: number, seed: string) {
  const random = seededRandom(seed);
  const labels = Int32Array.from({ length: rows }, () => Math.floor(random() * CLASSES));
  const data = normals(random, rows * DIMS).map((value, at) => {
    const [row, column] = [Math.floor(at / DIMS), at % DIMS];
    return (value + (column === 0 ? 3 * labels[row]! : 0)) / (1 + column / 4);
  });
  return { labels, features: { rows, cols: DIMS, data: Float32Array.from(data) } satisfies Matrix };
}

function fitted(seed: string, rows = 600): SpectralModel {
  const { labels, features } = draw(rows, seed);
  const distinct = Int32Array.from(labels.keys());
  const copies = { groupOf: distinct, sizes: new Int32Array(rows).fill(1) };
  const digests = Float64Array.from(distinct);
  const trusted = {
    rows,
    features,
    labels,
    classes: CLASSES,
    denseDims: DIMS,
    dense: null,
    texts: null,
    characters: null,
    copies,
    digests,
  };
  const model = fitSpectral(trusted, distinct);
  if (model === null) throw new Error('does not fit');
  return model;
}

function count(model: SpectralModel, { features, labels }: ClassedRows) {
  return countSpectral(model, { features: alongDirections(model, features, Int32Array.from(labels.keys())), labels });
}

/** Rows of class 1 with two columns changed together. */
function plant(rows: ReturnType<typeof draw>, count: number): number[] {
  const chosen = [...rows.labels.keys()].filter((row) => rows.labels[row] === 1).slice(0, count);
  for (const row of chosen) {
    rows.features.data[row * DIMS + 5] = 2.2;
    rows.features.data[row * DIMS + 6] = -2.2;
  }
  return chosen;
}

describe('spectral', () => {
  it('has small p-values of sound rows no oftener than chance', () => {
    const pValues = Array.from({ length: RESAMPLES }, (_, at) =>
      spectralPValue(count(fitted(`trusted/${at}`, 400), draw(300, `sound/${at}`)), 0),
    );
    for (const level of [0.05, 0.2])
      expect(pValues.filter((p) => p <= level).length).toBeLessThanOrEqual(binomialBound(RESAMPLES, level, 0.001));
  });

  it('finds what some rows of one class have in common, and which rows', () => {
    const rows = draw(800, 'planted');
    const planted = new Set(plant(rows, 40));
    const tails = count(fitted('trusted', 2000), rows);
    expect(spectralPValue(tails, 0.005)).toBeLessThan(1e-6);
    expect(
      spectralPValue(
        tails.filter(({ label }) => label === 0),
        0.005,
      ),
    ).toBeGreaterThan(0.05);
    const farthest = tails
      .filter(({ label }) => label === 1)
      .flatMap(({ shares }) => shares)
      .map(({ far }) => far.slice(0, 20))
      .filter((far) => far.length === 20 && far.every((row) => planted.has(row)));
    expect(farthest.length).toBeGreaterThan(0);
  });

  it('says the same every time, of models that were sent', () => {
    const model = fitted('trusted');
    const rows = draw(300, 'sound');
    expect(fitted('trusted')).toEqual(model);
    expect(count(structuredClone(model), rows)).toEqual(count(model, rows));
  });

  it('looks at no class of few rows, and at no rows without classes', () => {
    const rows = draw(100, 'few');
    const labels = rows.labels.map((_, row) => (row < 59 ? 0 : -1));
    expect(count(fitted('trusted'), { ...rows, labels })).toEqual([]);
    const trusted = draw(300, 'unlabelled');
    const distinct = Int32Array.from(trusted.labels.keys());
    const copies = { groupOf: distinct, sizes: new Int32Array(300).fill(1) };
    const digests = Float64Array.from(distinct);
    const whole = {
      ...trusted,
      rows: 300,
      classes: 0,
      denseDims: DIMS,
      dense: null,
      texts: null,
      characters: null,
      copies,
      digests,
    };
    expect(fitSpectral({ ...whole, labels: new Int32Array(300).fill(-1) }, distinct)).toBeNull();
  });
});
