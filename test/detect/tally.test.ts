import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addToHistogram, type Histogram, levelOf, mergeHistograms, ratioAt } from '../../src/detect/histogram.js';
import {
  addRow,
  calibrate,
  emptyTally,
  mergeTally,
  type RowEvidence,
  subtractTally,
  TAIL_SHARES,
  type Tally,
} from '../../src/detect/index.js';
import { normals, seededRandom } from '../../src/linear/index.js';

const CLASSES = 3;
const ROWS = 200;
const strata = { count: 2, ofClass: Int32Array.of(0, 1, -1) };
const random = seededRandom('tally');
const labels = Int32Array.from({ length: ROWS }, () => Math.floor(random() * (CLASSES + 1)) - 1);
const evidence: RowEvidence = {
  anomalyScore: Float64Array.from(labels, () => (random() < 0.1 ? Number.NaN : random())),
  logRatio: Float64Array.from(normals(random, ROWS)),
  calledClass: Int32Array.from(labels, () => Math.floor(random() * CLASSES)),
};
const trusted = (keep: (row: number) => boolean) =>
  calibrate(evidence, labels, CLASSES, strata, Int32Array.from(labels.keys()).filter(keep));
const calibrations = [trusted((row) => row % 2 === 0), trusted(() => true)];

function tallyOf(rows: Iterable<number>): Tally {
  const tally = emptyTally(strata, calibrations);
  for (const row of rows) addRow(tally, row, evidence, labels, { strata, classes: CLASSES, calibrations });
  return tally;
}

describe('tallies', () => {
  it('without some rows are those of the others', () => {
    const part = [...labels.keys()].filter((row) => row % 3 === 0);
    const others = [...labels.keys()].filter((row) => row % 3 !== 0);
    expect(subtractTally(tallyOf(labels.keys()), tallyOf(part))).toEqual(tallyOf(others));
  });

  it('count what a plain loop counts', () => {
    const tally = tallyOf(labels.keys());
    const judged = [...labels.keys()].filter(
      (row) => [0, 1].includes(labels[row]!) && !Number.isNaN(evidence.anomalyScore[row]),
    );
    const ofStratum = (stratum: number) => judged.filter((row) => labels[row] === stratum);
    expect([...tally.rows]).toEqual([0, 1].map((stratum) => ofStratum(stratum).length));
    calibrations.forEach(({ tailThresholds }, k) => {
      tailThresholds.forEach((threshold, at) => {
        const rows = ofStratum(Math.floor(at / TAIL_SHARES.length));
        expect(tally.above[k]![at]).toBe(rows.filter((row) => evidence.anomalyScore[row]! > threshold).length);
      });
    });
    const called = (given: number, other: number) =>
      judged.filter((row) => labels[row] === given && evidence.calledClass![row] === other).length;
    for (const given of [0, 1]) {
      for (const other of [0, 1, 2]) expect(tally.calls.get(given * CLASSES + other) ?? 0).toBe(called(given, other));
    }
    expect([...tally.calls.values()].reduce((sum, rows) => sum + rows, 0)).toBe(judged.length);
    const levels = judged.map((row) => levelOf(evidence.logRatio![row]!)).sort((a, b) => a - b);
    const counted = tally.logRatios.flatMap((ratios) =>
      [...ratios].flatMap(([level, rows]) => new Array<number>(rows).fill(level)),
    );
    expect(counted.sort((a, b) => a - b)).toEqual(levels);
  });

  it('of parts, merged in any order, are those of the whole', () => {
    const whole = tallyOf(labels.keys());
    fc.assert(
      fc.property(
        fc.array(fc.nat(4), { minLength: ROWS, maxLength: ROWS }),
        fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
        (partOf, order) => {
          const merged = emptyTally(strata, calibrations);
          for (const part of order)
            mergeTally(merged, tallyOf([...labels.keys()].filter((row) => partOf[row] === part)));
          expect(merged).toEqual(whole);
        },
      ),
      { numRuns: 30, seed: 1 },
    );
  });

  it('leave what they are merged from as it was', () => {
    const part = tallyOf([0, 1, 2]);
    const before = structuredClone(part);
    const into = tallyOf([3, 4]);
    mergeTally(into, part);
    mergeTally(into, part);
    expect(part).toEqual(before);
  });

  it('of detectors without ratios and classes have none', () => {
    const scores = { anomalyScore: evidence.anomalyScore };
    const calibration = calibrate(scores, labels, CLASSES, strata, Int32Array.of(0, 1, 2));
    const tally = emptyTally(strata, [calibration]);
    addRow(tally, 5, scores, labels, { strata, classes: CLASSES, calibrations: [calibration] });
    expect(tally).toMatchObject({ logRatios: [], calls: new Map() });
  });
});

describe('levels of log ratios', () => {
  it('are in order, and stand for a ratio within a twelfth or so of the true one', () => {
    fc.assert(
      fc.property(fc.double({ min: -10, max: 10, noNaN: true }), (ratio) => {
        const read = ratioAt(levelOf(ratio));
        expect(Math.abs(read - ratio)).toBeLessThanOrEqual(0.09 * Math.abs(ratio) + 0.0018);
      }),
      { seed: 1 },
    );
    const ratios = Array.from({ length: 400 }, (_, step) => -3 + step / 40);
    const levels = ratios.map(levelOf);
    expect(levels).toEqual([...levels].sort((a, b) => a - b));
    expect(ratioAt(levelOf(0))).toBe(0);
  });

  it('give back the level they were read at', () => {
    for (let level = -60; level <= 60; level++) expect(levelOf(ratioAt(level))).toBe(level === 0 ? levelOf(0) : level);
  });

  it('are few for all ratios that a row can have: from none of 5 % flips to the least probability', () => {
    expect(levelOf(Math.log(0.95 + (0.05 * (1 - 1e-4)) / 1e-4)) - levelOf(Math.log(0.95))).toBeLessThan(60);
  });

  it('add up', () => {
    const into: Histogram = new Map([[1, 2]]);
    addToHistogram(into, 1);
    mergeHistograms(
      into,
      new Map([
        [1, 3],
        [-4, 1],
      ]),
    );
    expect(Object.fromEntries(into)).toEqual({ 1: 6, '-4': 1 });
  });
});
