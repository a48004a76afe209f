import fc from 'fast-check';
import { mean } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import {
  type Calibration,
  calibrate,
  classStrata,
  conformalPValue,
  ONE_STRATUM,
  stratumOf,
  TAIL_SHARES,
} from '../../src/detect/index.js';
import { seededRandom } from '../../src/linear/index.js';

function calibrateOne(scores: readonly number[]): Calibration {
  const rows = Int32Array.from(scores, (_, row) => row);
  return calibrate(
    { anomalyScore: Float64Array.from(scores) },
    rows.map(() => -1),
    0,
    ONE_STRATUM,
    rows,
  );
}

const score = fc.double({ min: 0, max: 1, noNaN: true });

describe('conformal p-values', () => {
  it('count the trusted scores at or above a score', () => {
    const calibration = calibrateOne([0.5, 0.1, 0.3, 0.3]);
    const p = (value: number) => conformalPValue(calibration, 0, value);
    expect([0.6, 0.5, 0.4, 0.3, 0.1, 0].map(p)).toEqual([1 / 5, 2 / 5, 2 / 5, 4 / 5, 1, 1]);
  });

  it('are what counting gives, whatever the scores', () => {
    fc.assert(
      fc.property(fc.array(score, { maxLength: 40 }), score, (scores, value) => {
        const beyond = scores.filter((one) => one >= value).length;
        expect(conformalPValue(calibrateOne(scores), 0, value)).toBe((1 + beyond) / (1 + scores.length));
      }),
      { seed: 1 },
    );
  });

  it('reach a level no more often than it says', () => {
    const random = seededRandom('super-uniform');
    // Coarse scores, so that many tie.
    const draw = () => Math.floor(30 * random() ** 2);
    const pValues = Array.from({ length: 4000 }, () =>
      conformalPValue(calibrateOne(Array.from({ length: 59 }, draw)), 0, draw()),
    );
    for (const level of [1 / 60, 0.05, 0.1, 0.5]) {
      const reached = mean(pValues.map((p) => (p <= level ? 1 : 0)));
      expect(reached).toBeLessThan(level + 4 * Math.sqrt((level * (1 - level)) / pValues.length));
    }
  });

  it('are NaN for what is not judged', () => {
    const calibration = calibrateOne([0.5]);
    expect(conformalPValue(calibration, 0, Number.NaN)).toBeNaN();
    expect(conformalPValue(calibration, -1, 0.5)).toBeNaN();
    expect(conformalPValue(calibration, 1, 0.5)).toBeNaN();
  });
});

/** Row labels with so many rows of each class. */
function labelsOf(...sizes: number[]): Int32Array {
  return Int32Array.from(sizes.flatMap((size, label) => new Array<number>(size).fill(label)));
}

function strataOf(...sizes: number[]) {
  const labels = labelsOf(...sizes);
  return classStrata(labels, sizes.length, Int32Array.from(labels.keys()));
}

describe('strata', () => {
  it('are the classes of thirty rows and more, the smaller ones pooled', () => {
    expect(strataOf(30, 29, 100, 1)).toEqual({ count: 3, ofClass: Int32Array.of(0, 2, 1, 2) });
    expect(strataOf(30, 31)).toEqual({ count: 2, ofClass: Int32Array.of(0, 1) });
  });

  it('leave out small classes that are too few even together', () => {
    expect(strataOf(40, 20, 9)).toEqual({ count: 1, ofClass: Int32Array.of(0, -1, -1) });
    expect(strataOf(5, 5)).toEqual({ count: 0, ofClass: Int32Array.of(-1, -1) });
  });

  it('count distinct rows and rows with a label only', () => {
    const labels = labelsOf(40, 40);
    const distinct = Int32Array.from(labels.keys()).filter((row) => row !== 3);
    labels.fill(-1, 60);
    const some = distinct.filter((row) => row < 29 || row >= 40);
    expect(classStrata(labels, 2, some).ofClass).toEqual(Int32Array.of(0, 0));
    expect(classStrata(labels, 2, distinct).ofClass).toEqual(Int32Array.of(0, -1));
  });

  it('say where a row belongs', () => {
    const strata = strataOf(40, 20, 9);
    const labels = Int32Array.of(0, 1, -1);
    expect([0, 1, 2].map((row) => stratumOf(strata, labels, row))).toEqual([0, -1, -1]);
    expect(stratumOf(ONE_STRATUM, labels, 2)).toBe(0);
  });
});

describe('calibration', () => {
  it('knows the scores beyond which so many trusted rows lie', () => {
    const { tailCounts, tailThresholds } = calibrateOne(Array.from({ length: 150 }, (_, row) => row / 1000));
    expect([...tailCounts]).toEqual([0, 0, 1, 3, 7, 15]);
    expect([...tailThresholds]).toEqual([Infinity, Infinity, 0.149, 0.147, 0.143, 0.135]);
  });

  it('keeps strata apart and leaves out rows that were not chosen, have no label or no score', () => {
    const labels = Int32Array.of(0, 0, 1, 1, -1, 0);
    const evidence = {
      anomalyScore: Float64Array.of(0.3, 0.1, 0.5, Number.NaN, 0.9, 0.8),
      logRatio: Float64Array.of(0, 1, 2, 3, 4, 5),
      calledClass: Int32Array.of(0, 1, 0, 1, 1, 1),
    };
    const strata = { count: 2, ofClass: Int32Array.of(0, 1) };
    const calibration = calibrate(evidence, labels, 2, strata, Int32Array.of(0, 1, 2, 3, 4));
    expect([...calibration.rows]).toEqual([2, 1]);
    expect(calibration.scores.map((scores) => [...scores])).toEqual([[0.1, 0.3], [0.5]]);
    expect(calibration.logRatios.map((ratios) => [...ratios.values()].reduce((sum, rows) => sum + rows, 0))).toEqual([
      2, 1,
    ]);
    expect(Object.fromEntries(calibration.calls)).toEqual({ 0: 1, 1: 1, 2: 1 });
    expect(calibration.tailCounts).toHaveLength(2 * TAIL_SHARES.length);
  });

  it('of no rows judges nothing by its tails', () => {
    const empty = calibrateOne([]);
    expect([...empty.tailThresholds].every((threshold) => threshold === Infinity)).toBe(true);
    expect(conformalPValue(empty, 0, 0.9)).toBe(1);
  });
});
