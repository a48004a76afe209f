import { beforeAll, describe, expect, it } from 'vitest';
import {
  addRankSums,
  type Calibration,
  type Covariates,
  calibrate,
  fitCovariates,
  ONE_STRATUM,
  type RankSums,
  type Strata,
  standingFor,
  sumRanks,
  tiltTowards,
  weighCalibration,
  withJudgedRows,
} from '../../src/detect/index.js';
import { type Matrix, seededRandom, standardNormal, startBackend, sumOf } from '../../src/linear/index.js';

const DIMS = 6;
/** Places of rows in the plane that they differ in; the last feature is the constant. */
type Draw = (random: () => number) => readonly [number, number];

const usual: Draw = (random) => [3 * standardNormal(random), standardNormal(random)];

function drawFeatures(rows: number, draw: Draw, random: () => number): Matrix {
  const data = new Float32Array(rows * DIMS);
  for (let row = 0; row < rows; row++) data.set([...draw(random), 0, 0, 0, 1], row * DIMS);
  return { rows, cols: DIMS, data };
}

const everyRow = (rows: number) => Int32Array.from({ length: rows }, (_, row) => row);

function fitted(features: Matrix, texts: Texts = null): Covariates {
  const covariates = fitCovariates({ features, texts }, everyRow(features.rows));
  if (covariates === null) throw new Error('nothing fitted');
  return covariates;
}

const sumAll = (covariates: Covariates, features: Matrix, texts: Texts = null) =>
  sumRanks(covariates, { features, texts }, everyRow(features.rows));

type Texts = Parameters<typeof sumRanks>[1]['texts'];

/** Texts of so many n-grams. */
function textsOf(lengths: readonly number[]): Texts {
  const starts = new Int32Array(lengths.length + 1);
  lengths.forEach((length, row) => {
    starts[row + 1] = (starts[row] as number) + length;
  });
  return { starts };
}

/** Weighted mean of each trusted row's first feature. */
function weightedMean({ data, rows }: Matrix, weights: Float64Array): number {
  return weights.reduce((sum, weight, row) => sum + weight * (data[row * DIMS] as number), 0) / rows;
}

beforeAll(async () => void (await startBackend('wasm')));

describe('covariates', () => {
  const trusted = drawFeatures(2000, usual, seededRandom('trusted'));

  it('are the directions in which rows differ, and no others', () => {
    const { basis, ranks } = fitted(trusted);
    expect(basis.cols).toBe(2);
    expect(Math.abs(basis.data[0] as number)).toBeCloseTo(1, 2);
    expect(ranks).toHaveLength(2 * trusted.rows);
    expect(
      fitCovariates({ features: drawFeatures(500, () => [1, 1], seededRandom('equal')), texts: null }, everyRow(500)),
    ).toBeNull();
    const few = { features: drawFeatures(20, usual, seededRandom('few')), texts: null };
    expect(fitCovariates(few, everyRow(20))).toBeNull();
  });

  it('add up over chunks as over all rows at once', () => {
    const covariates = fitted(trusted);
    const batch = drawFeatures(300, usual, seededRandom('batch'));
    const part = (from: number, to: number): Matrix => ({
      rows: to - from,
      cols: DIMS,
      data: batch.data.slice(from * DIMS, to * DIMS),
    });
    const parts = [part(0, 100), part(100, 300)].map((some) => sumAll(covariates, some));
    expect(addRankSums(parts)).toEqual(sumAll(covariates, batch));
    expect(addRankSums([])).toBeUndefined();
  });

  it('of some rows stand for all of them', () => {
    const covariates = fitted(trusted);
    const batch = drawFeatures(300, usual, seededRandom('batch'));
    const some = sumRanks(
      covariates,
      { features: batch, texts: null },
      Int32Array.from({ length: 100 }, (_, at) => 3 * at),
    );
    const { rows, sums } = standingFor(some, 300);
    expect(rows).toBe(300);
    expect([...sums]).toEqual([...some.sums].map((sum) => 3 * sum));
    expect(standingFor({ rows: 0, sums: new Float64Array(2) }, 300).rows).toBe(0);
  });

  it('give a row no more say the farther out it is', () => {
    const covariates = fitted(trusted);
    const [far, farther] = [20, 1e6].map((place) =>
      sumAll(
        covariates,
        drawFeatures(
          1,
          () => [place, place],
          () => 0,
        ),
      ),
    );
    expect(farther).toEqual(far);
  });
});

describe('a tilt', () => {
  const trusted = drawFeatures(3000, usual, seededRandom('to tilt'));
  const all = everyRow(trusted.rows);
  const towards = (draw: Draw, rows = 3000) => {
    const covariates = fitted(trusted);
    const sums: RankSums = sumAll(covariates, drawFeatures(rows, draw, seededRandom(`towards ${rows}`)));
    return tiltTowards(covariates, all, sums);
  };

  it('leaves the rows nearly as they are where the batch lies as they do', () => {
    const weights = towards(usual);
    expect(sumOf(weights)).toBeCloseTo(trusted.rows, 6);
    expect(Math.min(...weights)).toBeGreaterThan(0.8);
    expect(Math.max(...weights)).toBeLessThan(1.2);
  });

  it('moves the rows to where the batch lies', () => {
    const weights = towards((random) => [1.5 + 3 * standardNormal(random), standardNormal(random)]);
    expect(weightedMean(trusted, weights)).toBeGreaterThan(1.25);
    expect(weightedMean(trusted, weights)).toBeLessThan(1.75);
  });

  it('moves texts to where those of the batch are as long', () => {
    const random = seededRandom('lengths');
    const lengths = Array.from({ length: trusted.rows }, () => Math.floor(100 * random()));
    const covariates = fitted(trusted, textsOf(lengths));
    const longer = lengths.map(() => Math.floor(100 * Math.sqrt(random())));
    const batch = sumAll(covariates, drawFeatures(trusted.rows, usual, random), textsOf(longer));
    const weights = tiltTowards(covariates, all, batch);
    const weighted = lengths.reduce((sum, length, row) => sum + length * (weights[row] as number), 0) / trusted.rows;
    expect(weighted).toBeGreaterThan(63);
    expect(weighted).toBeLessThan(69);
    expect(weightedMean(trusted, weights)).toBeCloseTo(0, 0);
  });

  it('goes no further than a large shift', () => {
    const weights = towards(() => [1e6, 1e6]);
    const kish = sumOf(weights) ** 2 / sumOf(weights.map((weight) => weight ** 2));
    expect(kish).toBeGreaterThan(trusted.rows / 3);
  });

  it('is hardly moved by a hundredth of rows, wherever they are', () => {
    const weights = towards((random) => (random() < 0.01 ? [1e6, 1e6] : usual(random)));
    expect(Math.max(...weights)).toBeLessThan(1.25);
  });
});

describe('a weighted calibration', () => {
  const CLASSES = 3;
  const rows = 600;
  const random = seededRandom('weighted');
  const labels = Int32Array.from({ length: rows }, () => Math.floor(CLASSES * random()));
  const scores = Float64Array.from({ length: rows }, () => Math.round(40 * random()) / 40);
  const evidence = {
    anomalyScore: scores,
    logRatio: scores.map((score) => 3 * score - 1),
    calledClass: labels.map((label, row) => ((scores[row] as number) > 0.9 ? (label + 1) % CLASSES : label)),
  };
  const byClass: Strata = { count: CLASSES, ofClass: Int32Array.of(0, 1, 2) };
  const judgedBy = (strata: Strata): Calibration =>
    withJudgedRows(
      calibrate(evidence, labels, CLASSES, strata, everyRow(rows)),
      evidence,
      labels,
      CLASSES,
      strata,
      everyRow(rows),
    );
  const weigh = (calibration: Calibration, weights: Float64Array) => {
    if (calibration.judged === null) throw new Error('no rows');
    return weighCalibration(calibration, calibration.judged, weights, CLASSES);
  };

  it.each([
    ['by class', byClass],
    ['together', ONE_STRATUM],
  ])('is the calibration itself where all weights are equal, of rows %s', (_, strata) => {
    const plain = judgedBy(strata);
    const weighted = weigh(plain, new Float64Array(rows).fill(1));
    expect([...weighted.rows]).toEqual([...plain.rows].map((count) => expect.closeTo(count, 6)));
    expect([...weighted.tailCounts]).toEqual([...plain.tailCounts].map((count) => expect.closeTo(count, 6)));
    expect(weighted.logRatios).toEqual(plain.logRatios);
    expect(new Map([...weighted.calls].sort(([a], [b]) => a - b))).toEqual(
      new Map([...plain.calls].sort(([a], [b]) => a - b)),
    );
  });

  it('has more of what weighs more, of fewer rows', () => {
    const plain = judgedBy(ONE_STRATUM);
    const weighted = weigh(
      plain,
      scores.map((score) => (score > 0.9 ? 3 : 1)),
    );
    const shareOf = ({ rows: [all = 0], tailCounts }: Calibration) => (tailCounts[5] as number) / all;
    expect(shareOf(weighted)).toBeGreaterThan(2 * shareOf(plain));
    expect(weighted.rows[0]).toBeLessThan(0.9 * rows);
    const shareCalled = ({ calls }: Calibration) => {
      const counts = [...calls];
      const wrong = counts.filter(([pair]) => pair % CLASSES !== Math.floor(pair / CLASSES));
      const sum = (some: typeof counts) => some.reduce((total, [, count]) => total + count, 0);
      return sum(wrong) / sum(counts);
    };
    expect(shareCalled(weighted)).toBeGreaterThan(2 * shareCalled(plain));
  });
});
