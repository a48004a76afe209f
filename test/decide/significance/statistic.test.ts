import { describe, expect, it } from 'vitest';
import type { FittedDetector } from '../../../src/baseline/index.js';
import { ratioStatistic } from '../../../src/decide/significance/likelihood-ratio.js';
import { blockPValue, type Excess, type Statistic, testStatistic } from '../../../src/decide/significance/statistic.js';
import { tailStatistic } from '../../../src/decide/significance/tail-count.js';
import { ONE_STRATUM, TAIL_SHARES } from '../../../src/detect/index.js';
import { seededRandom, standardNormal } from '../../../src/linear/index.js';
import { mostRejections, rejectionsBeyondBound } from '../bounds.js';
import { calibrateOn, detectorOf, type Judge, type Row, tallyOf } from '../rows.js';

const judge: Judge = { strata: ONE_STRATUM, classes: 0 };
const TAIL = tailStatistic(TAIL_SHARES.indexOf(0.1));
const RESAMPLES = 2000;

const logistic = (x: number) => 1 / (1 + Math.exp(-x));

/** Rows that were collected together: their scores share a shift. */
function drawBatch(rows: number, spread: number, random: () => number, shift = 0): Row[] {
  const common = shift + spread * standardNormal(random);
  return Array.from({ length: rows }, () => {
    const value = common + standardNormal(random);
    return { label: -1, score: logistic(value), logRatio: 0.1 * Math.round(value) };
  });
}

/** Fitted on blocks of which each is also held out. */
function fitBlocks(blocks: readonly (readonly Row[])[]): FittedDetector {
  return detectorOf('outlier', judge, [calibrateOn(blocks.flat(), judge)], {
    blocks: blocks.map((block) => {
      const calibration = calibrateOn(blocks.filter((other) => other !== block).flat(), judge);
      return { calibration, tally: tallyOf(block, judge, [calibration]) };
    }),
  });
}

const withoutBlocks = (detector: FittedDetector): FittedDetector => ({ ...detector, blocks: [] });

describe('batches that differ', () => {
  const DIFFERENCE = 0.15; // of the deviation within a batch
  const random = seededRandom('blocks');
  const resamples = Array.from({ length: RESAMPLES }, () => {
    const blocks = Array.from({ length: 6 }, () => drawBatch(120, DIFFERENCE, random));
    const detector = fitBlocks(blocks);
    return { detector, scope: tallyOf(drawBatch(240, DIFFERENCE, random), judge, detector.calibrations) };
  });
  const pValues = (choose: (detector: FittedDetector) => FittedDetector, statistic: Statistic = TAIL) =>
    resamples.map(({ detector, scope }) => testStatistic(statistic, scope, choose(detector), 0).pValue);

  it('are not held for what trusted blocks differ by', () => {
    expect(rejectionsBeyondBound(pValues((detector) => detector))).toEqual([]);
  });

  it('would often be held by a test that knows no blocks', () => {
    const rejected = pValues(withoutBlocks).filter((p) => p <= 0.01).length;
    expect(rejected).toBeGreaterThan(3 * mostRejections(RESAMPLES, 0.01));
  });

  it('are not held by the likelihood ratio either', () => {
    const few = resamples.slice(0, 300);
    const statistic = ratioStatistic(1, 'seed');
    const rejected = (choose: (detector: FittedDetector) => FittedDetector) =>
      few.filter(({ detector, scope }) => testStatistic(statistic, scope, choose(detector), 0).pValue <= 0.05).length;
    expect(rejected((detector) => detector)).toBeLessThanOrEqual(mostRejections(few.length, 0.05));
    expect(rejected(withoutBlocks)).toBeGreaterThan(2 * mostRejections(few.length, 0.05));
  });
});

describe('the block test by itself', () => {
  it.each([
    ['blocks that differ much', 5, 3],
    ['blocks that differ little', 8, 0.3],
    ['blocks that do not differ', 6, 0],
  ])('%s: rejects as often as it promises, at most', (name, count, spread) => {
    const random = seededRandom(name);
    // Excess of `rows` rows: between-block deviation `spread` times the sampling deviation of 100 rows.
    const draw = (rows: number): Excess => ({
      value: rows * (spread / 10) * standardNormal(random) + Math.sqrt(rows) * standardNormal(random),
      variance: rows,
      rows,
      rowsPerUnit: 1,
    });
    const pValues = Array.from({ length: 4000 }, () =>
      blockPValue(
        draw(300),
        Array.from({ length: count }, () => draw(100)),
      ),
    );
    expect(rejectionsBeyondBound(pValues)).toEqual([]);
  });

  it('finds what exceeds all trusted blocks by far', () => {
    const block = (value: number): Excess => ({ value, variance: 4, rows: 100, rowsPerUnit: 1 });
    const blocks = [-3, -1, 0, 2, 2].map(block);
    expect(blockPValue(block(100), blocks)).toBeLessThan(1e-5);
    expect(blockPValue(block(-5), blocks)).toBeGreaterThan(0.5);
    // By hand: rates −.03 … .02, between variance .00045 − .0004, T / √Var = 5 / √(4 + 10⁴ · .00005 · 1.2).
    // scipy.stats.t.sf(5 / 4.6 ** 0.5, 4)
    expect(blockPValue(block(5), blocks)).toBeCloseTo(0.04007061402916194, 9);
  });

  it('does not divide by nothing', () => {
    const certain = (value: number): Excess => ({ value, variance: 0, rows: 10, rowsPerUnit: 1 });
    const blocks = [0, 0, 0, 0, 0].map(certain);
    expect(blockPValue(certain(1), blocks)).toBe(0);
    expect(blockPValue(certain(0), blocks)).toBe(1);
  });
});

describe('with fewer than five blocks', () => {
  const random = seededRandom('few');
  const blocks = Array.from({ length: 4 }, () => drawBatch(150, 0.3, random));
  const detector = fitBlocks(blocks);
  const scope = tallyOf(drawBatch(400, 0, random, 1), judge, detector.calibrations);

  it('blocks count for nothing', () => {
    expect(testStatistic(TAIL, scope, detector, 0)).toEqual(testStatistic(TAIL, scope, withoutBlocks(detector), 0));
  });

  it.each([
    ['tail count', TAIL],
    ['likelihood ratio', ratioStatistic(1, 'seed')],
  ])('%s: more tolerance, less power', (_, statistic) => {
    const tolerances = [0, 0.002, 0.005, 0.02, 0.05, 0.1, 0.3, 1];
    const pValues = tolerances.map((tolerance) => testStatistic(statistic, scope, detector, tolerance).pValue);
    expect(pValues).toEqual([...pValues].sort((a, b) => a - b));
    expect(pValues[0]).toBeLessThan(1e-6);
    expect(pValues.at(-1)).toBe(1);
  });

  it('tolerance is a share of the rows', () => {
    const { pValueBeyond } = TAIL(scope, detector.calibrations[0]!, 0);
    expect(testStatistic(TAIL, scope, detector, 0.02).pValue).toBe(pValueBeyond(8));
  });
});

describe('with two calibrations', () => {
  const random = seededRandom('two');
  const [mild, strict] = [0.5, 0].map((shift) => calibrateOn(drawBatch(300, 0, random, shift), judge));
  const batch = drawBatch(300, 0, random, 1);
  const pValueWith = (calibrations: FittedDetector['calibrations']) =>
    testStatistic(TAIL, tallyOf(batch, judge, calibrations), detectorOf('outlier', judge, calibrations), 0);

  it('the greater p-value counts, whichever comes first', () => {
    const alone = pValueWith([mild!]);
    expect(alone.pValue).toBeGreaterThan(10 * pValueWith([strict!]).pValue);
    expect(pValueWith([mild!, strict!])).toEqual(alone);
    expect(pValueWith([strict!, mild!])).toEqual(alone);
  });
});
