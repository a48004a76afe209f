import { deserialize, serialize } from 'node:v8';
import { mean } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { encodePlain } from '../../src/baseline/artefact/codec.js';
import {
  calibrate,
  classStrata,
  conformalPValue,
  type Detector,
  type Fitted,
  ONE_STRATUM,
  type RowEvidence,
  stratumOf,
} from '../../src/detect/index.js';
import { type Matrix, seededRandom, selectRows } from '../../src/linear/index.js';
import { CLASSES, type FittedOn, type Population, pickRows, type Sampler, trust } from './populations.js';

const TRUSTED_ROWS = 240;
const FRESH_ROWS = 90;
/** Single precision sums in another order. */
const ROUNDING = 2e-3;

function fitOn({ trusted }: FittedOn, detector: Detector<unknown>): Fitted<unknown> {
  const fitted = detector.fit(trusted);
  if (fitted === undefined) throw new Error(`${detector.kind} does not fit`);
  return fitted;
}

/** The evidence of the rows at `chosen`, in that order. */
function evidenceAt(evidence: RowEvidence, chosen: readonly number[]): RowEvidence {
  const { anomalyScore, logRatio, calledClass } = evidence;
  return {
    anomalyScore: Float64Array.from(chosen, (row) => anomalyScore[row]!),
    ...(logRatio && { logRatio: Float64Array.from(chosen, (row) => logRatio[row]!) }),
    ...(calledClass && { calledClass: Int32Array.from(chosen, (row) => calledClass[row]!) }),
  };
}

function shuffled(count: number, seed: string): number[] {
  const random = seededRandom(seed);
  const keys = Array.from({ length: count }, random);
  return [...keys.keys()].sort((a, b) => keys[a]! - keys[b]!);
}

function greatestDifference(a: Float64Array, b: Float64Array): number {
  return Math.max(...a.map((value, at) => Math.abs(value - b[at]!)));
}

/** Equal to the last bit; comparing bytes takes a hundredth of the time of comparing element by element. */
function expectSame(actual: unknown, expected: unknown): void {
  // As artefacts hold them: v8 writes a whole number in one of two ways, by how it came about.
  expect(Buffer.from(encodePlain(actual)).equals(encodePlain(expected))).toBe(true);
}

function expectScores({ anomalyScore }: RowEvidence): void {
  for (const score of anomalyScore) expect(Number.isNaN(score) || (score >= 0 && score <= 1)).toBe(true);
}

/** What holds for every detector, whatever the rows are made of. */
export function checkDetector(detector: Detector<unknown>, sample: Sampler): void {
  const population = sample(TRUSTED_ROWS, 'trusted');
  const fresh = sample(FRESH_ROWS, 'fresh');
  let prepared: { on: FittedOn; fitted: Fitted<unknown> } | undefined;
  const prepare = () => {
    const on = prepared?.on ?? trust(population);
    prepared ??= { on, fitted: fitOn(on, detector) };
    return { ...prepared, rows: prepared.on.encode(fresh) };
  };

  it('fits and scores the same every time', () => {
    const { on, fitted, rows } = prepare();
    const again = fitOn(trust(population), detector);
    expectSame(again, fitted);
    expectSame(detector.evaluate(again.model, on.encode(fresh)), detector.evaluate(fitted.model, rows));
  });

  it('scores from 0 to 1, every row that has a label', () => {
    const { fitted, rows } = prepare();
    const evidence = detector.evaluate(fitted.model, rows);
    for (const one of [fitted.evidence, evidence]) {
      expectScores(one);
      expect(one.anomalyScore.some(Number.isNaN)).toBe(false);
    }
  });

  it('scores rows in any order and any company alike', () => {
    const { on, fitted, rows } = prepare();
    const all = detector.evaluate(fitted.model, rows);
    const order = shuffled(FRESH_ROWS, 'order');
    for (const chosen of [order, order.slice(0, 7), order.slice(0, 1)]) {
      const some = on.encode(pickRows(fresh, chosen));
      expect(detector.evaluate(fitted.model, some)).toEqual(evidenceAt(all, chosen));
    }
  });

  it('does not mind the order of trusted rows', () => {
    const { on, fitted, rows } = prepare();
    const order = shuffled(TRUSTED_ROWS, 'trusted order');
    const { trusted } = on;
    const turned = trust(pickRows(population, order));
    const refitted = fitOn(turned, detector);
    expect(trusted.rows).toBe(turned.trusted.rows);
    const expected = evidenceAt(fitted.evidence, order).anomalyScore;
    expect(greatestDifference(refitted.evidence.anomalyScore, expected)).toBeLessThan(ROUNDING);
    const scores = detector.evaluate(refitted.model, turned.encode(fresh)).anomalyScore;
    expect(greatestDifference(scores, detector.evaluate(fitted.model, rows).anomalyScore)).toBeLessThan(ROUNDING);
  });

  it('has models that can be sent and stored', () => {
    const { fitted, rows } = prepare();
    const expected = detector.evaluate(fitted.model, rows);
    expect(detector.evaluate(structuredClone(fitted.model), rows)).toEqual(expected);
    expect(detector.evaluate(deserialize(serialize(fitted.model)), rows)).toEqual(expected);
  });

  it('leaves the rows it is handed as they were', () => {
    const { on, fitted, rows } = prepare();
    const before = serialize({ trusted: on.trusted, rows });
    detector.fit(on.trusted);
    detector.evaluate(fitted.model, rows);
    expect(serialize({ trusted: on.trusted, rows }).equals(before)).toBe(true);
  });

  it('is the same when it is fitted on the same rows again', () => {
    const { on, fitted } = prepare();
    expectSame(detector.refit(on.trusted, fitted.model), fitted.model);
  });

  it('judges a row without a label only where the label does not matter', () => {
    const { on, fitted } = prepare();
    const labels = fresh.labels.map((label, row) => (row % 2 === 0 ? -1 : label));
    const { anomalyScore } = detector.evaluate(fitted.model, on.encode({ ...fresh, labels }));
    const whole = detector.evaluate(fitted.model, on.encode(fresh)).anomalyScore;
    anomalyScore.forEach((score, row) => {
      expect(score).toBe(detector.perClass && row % 2 === 0 ? Number.NaN : whole[row]);
    });
  });

  it('fits on trusted rows of which some have no label', () => {
    const labels = population.labels.map((label, row) => (row % 3 === 0 ? -1 : label));
    const { evidence } = fitOn(trust({ ...population, labels }), detector);
    expectScores(evidence);
    expect(evidence.anomalyScore.filter(Number.isNaN)).toHaveLength(detector.perClass ? TRUSTED_ROWS / 3 : 0);
  });

  it('scores no rows', () => {
    const { fitted, rows } = prepare();
    const none = { ...rows, rows: 0, features: selectRows(rows.features as Matrix, []), labels: new Int32Array(0) };
    const texts = rows.texts && {
      rows: 0,
      starts: new Int32Array(1),
      indices: new Int32Array(0),
      values: new Float32Array(0),
    };
    expect(detector.evaluate(fitted.model, { ...none, texts }).anomalyScore).toHaveLength(0);
  });
}

/** Conformal p-values of fresh rows, as a shard's rows get them. */
function freshPValues(detector: Detector<unknown>, population: Population, fresh: Population): number[] {
  const on = trust(population);
  const { model, evidence } = fitOn(on, detector);
  const { labels } = on.trusted;
  const strata = detector.perClass ? classStrata(labels, CLASSES, on.distinct) : ONE_STRATUM;
  const calibration = calibrate(evidence, labels, CLASSES, strata, on.distinct);
  const { anomalyScore } = detector.evaluate(model, on.encode(fresh));
  return Array.from(anomalyScore, (score, row) =>
    conformalPValue(calibration, stratumOf(strata, fresh.labels, row), score),
  );
}

const RESAMPLES = 8;
const CALIBRATION_ROWS = 300;
const TESTED_ROWS = 300;

/** Greatest deviation of a share, over the resamples, that chance explains: four standard errors. */
function chanceOf(share: number, strata: number): number {
  const errors = share * (1 - share) * (1 / TESTED_ROWS + 1 / CALIBRATION_ROWS);
  // Conformal p-values are whole multiples of 1 / (rows + 1) in each stratum.
  return 4 * Math.sqrt(errors / RESAMPLES) + strata / CALIBRATION_ROWS;
}

/**
 * A trusted row that has helped to judge itself looks better than a fresh one, and fresh rows then look bad: the
 * p-values of fresh clean rows have to be uniform.
 */
export function checkCalibration(detector: Detector<unknown>, sample: Sampler): void {
  describe.each([
    ['each trusted row once', (rows: number[]) => rows],
    ['half of the trusted rows again', (rows: number[]) => [...rows, ...rows.filter((row) => row % 2 === 0)]],
    [
      'half of the trusted rows six times',
      (rows: number[]) => rows.flatMap((row) => new Array<number>(row % 2 ? 1 : 6).fill(row)),
    ],
  ])('%s', (name, repeat) => {
    it('gives fresh clean rows uniform p-values', () => {
      const rows = repeat(Array.from({ length: CALIBRATION_ROWS }, (_, row) => row));
      const trusted = (resample: number) => pickRows(sample(CALIBRATION_ROWS, `${name}/${resample}`), rows);
      const pValues = Array.from({ length: RESAMPLES }, (_, resample) =>
        freshPValues(detector, trusted(resample), sample(TESTED_ROWS, `${name}/fresh/${resample}`)),
      ).flat();
      expect(pValues.some(Number.isNaN)).toBe(false);
      for (const level of [0.05, 0.2, 0.5, 0.8]) {
        const share = mean(pValues.map((p) => (p <= level ? 1 : 0)));
        expect(Math.abs(share - level), `share of p ≤ ${level} is ${share}`).toBeLessThan(
          chanceOf(level, detector.perClass ? CLASSES : 1),
        );
      }
    });
  });
}
