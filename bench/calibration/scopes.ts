import type { ShardAssessment } from '../../src/assess/index.js';
import type { Baseline, FittedDetector } from '../../src/baseline/index.js';
import { tiltBaseline } from '../../src/decide/covariate-shift.js';
import { type Trial, testPairs, testScope } from '../../src/decide/scope.js';
import { bonferroni } from '../../src/decide/significance/multiplicity.js';
import {
  addRow,
  type Calibration,
  type Covariates,
  calibrate,
  calibrateOnRest,
  classStrata,
  emptyTally,
  KNOTS,
  mergeTally,
  ONE_STRATUM,
  type RowEvidence,
  type Strata,
  type Tally,
  withJudgedRows,
} from '../../src/detect/index.js';
import { type Random, standardNormal } from '../../src/linear/index.js';

const CLASSES = 3;
/** Shares of the classes: among trusted rows, and in a scope that has other ones. */
const SHARES = [0.5, 0.3, 0.2] as const;
const OTHER_SHARES = [0.25, 0.35, 0.4] as const;
const TRUSTED_ROWS = 300;
const SCOPE_ROWS = 120;
const ASSUMED_SHARE = 0.05;

/** What detectors say of made-up rows: how far the label is from being clear, how odd the row is; classes differ in both. */
interface MadeRows {
  readonly labels: Int32Array;
  readonly flips: RowEvidence;
  readonly odd: RowEvidence;
}

function drawRows(count: number, shares: readonly number[], random: Random): MadeRows {
  const labels = Int32Array.from({ length: count }, () => {
    const u = random();
    return u < (shares[0] ?? 0) ? 0 : u < (shares[0] ?? 0) + (shares[1] ?? 0) ? 1 : 2;
  });
  const margins = Float64Array.from(labels, (label) => 2.4 - 0.5 * label + 1.6 * standardNormal(random));
  const others = labels.map((label) => (label + (random() < 0.5 ? 1 : 2)) % CLASSES);
  return {
    labels,
    flips: {
      anomalyScore: margins.map((margin) => 1 / (1 + Math.exp(margin))),
      logRatio: margins.map((margin) => Math.log(1 - ASSUMED_SHARE + (ASSUMED_SHARE * Math.exp(-margin)) / 2)),
      calledClass: others.map((other, row) => ((margins[row] as number) < 0 ? other : (labels[row] as number))),
    },
    odd: { anomalyScore: Float64Array.from(labels, (label) => random() ** (1 + 0.5 * label)) },
  };
}

const all = ({ labels }: MadeRows) => Int32Array.from(labels.keys());

/** Of uniform flips, about; it has no say in whether a p-value is right. */
const EFFECT = { overall: 1.5, byClass: Float64Array.of(1.5, 1.5, 1.5) };

function baselineOf(calibrations: readonly Calibration[], strata: readonly Strata[]): Baseline {
  const detectors = calibrations.map((calibration, at): FittedDetector => {
    const isFlips = at === 0;
    return {
      kind: isFlips ? 'label-flip' : 'outlier',
      model: null,
      strata: strata[at] as Strata,
      calibrations: [calibration],
      effect: isFlips ? EFFECT : null,
      blocks: [],
    };
  });
  const classes = SHARES.map((_, label) => `${label}`);
  // The tests ask for nothing else of a baseline.
  return { classes, detectors } as Pick<Baseline, 'classes' | 'detectors'> as Baseline;
}

function tallyOf(rows: MadeRows, evidence: RowEvidence, strata: Strata, calibration: Calibration): Tally {
  const into = { strata, classes: CLASSES, calibrations: [calibration] };
  const tally = emptyTally(strata, [calibration]);
  for (const row of rows.labels.keys()) addRow(tally, row, evidence, rows.labels, into);
  return tally;
}

export interface SoundScope {
  readonly trials: readonly Trial[];
  /** p-value of the family of class pairs. */
  readonly pairs: number;
}

/** The tests of a scope of rows drawn like trusted ones, but for the shares of the classes where they may differ. */
export function testSoundScope(random: Random, seed: string, isShifted: boolean): SoundScope {
  const trusted = drawRows(TRUSTED_ROWS, SHARES, random);
  const byClass = classStrata(trusted.labels, CLASSES, all(trusted));
  const strata = [byClass, ONE_STRATUM];
  const calibrations = [
    calibrate(trusted.flips, trusted.labels, CLASSES, byClass, all(trusted)),
    calibrate(trusted.odd, trusted.labels, CLASSES, ONE_STRATUM, all(trusted), byClass),
  ];
  const scope = drawRows(SCOPE_ROWS, isShifted ? OTHER_SHARES : SHARES, random);
  const tallies = calibrations.map((calibration, at) =>
    tallyOf(scope, at === 0 ? scope.flips : scope.odd, strata[at] as Strata, calibration),
  );
  const baseline = baselineOf(calibrations, strata);
  const [flips] = baseline.detectors as [FittedDetector];
  const pairs = testPairs(baseline, flips, tallies[0] as Tally, 0).map(({ pValue }) => pValue);
  const trials = testScope(baseline, tallies, { tolerance: 0, seed }, true);
  return { trials, pairs: bonferroni(pairs, CLASSES * (CLASSES - 1)) };
}

/** The tests of one part of a batch against its other rows, with thresholds that come from neither. */
export function testSoundPart(random: Random, seed: string): Trial[] {
  const reference = drawRows(TRUSTED_ROWS, SHARES, random);
  const strata = [classStrata(reference.labels, CLASSES, all(reference)), ONE_STRATUM];
  const thresholds = [reference.flips, reference.odd].map((evidence, at) =>
    calibrate(evidence, reference.labels, CLASSES, strata[at] as Strata, all(reference)),
  );
  const [part, others] = [SCOPE_ROWS, TRUSTED_ROWS].map((count) => drawRows(count, SHARES, random)) as [
    MadeRows,
    MadeRows,
  ];
  const tallies = (rows: MadeRows) =>
    thresholds.map((calibration, at) =>
      tallyOf(rows, at === 0 ? rows.flips : rows.odd, strata[at] as Strata, calibration),
    );
  const [own, rest] = [tallies(part), tallies(others)];
  const whole = own.map((tally, at) => sumOf(tally, rest[at] as Tally, strata[at] as Strata, thresholds[at]));
  const against = own.map((tally, at) => calibrateOnRest(whole[at] as Tally, tally));
  return testScope(baselineOf(against, strata), own, { tolerance: 0, seed }, true);
}

function sumOf(a: Tally, b: Tally, strata: Strata, calibration: Calibration | undefined): Tally {
  const sum = emptyTally(strata, calibration === undefined ? [] : [calibration]);
  for (const tally of [a, b]) mergeTally(sum, tally);
  return sum;
}

/** Made-up rows whose labels are harder to tell, and which are odder, the farther they are along the first of two covariates. */
interface LeaningRows extends MadeRows {
  /** rows × COVARIATES, in 0..1. */
  readonly places: Float64Array;
}

const COVARIATES = 2;
/** Of the log density, from one end of a covariate to the other. */
const LEANING = 1.7;
const RANKS = 256;
/** What a standard deviation along the first covariate adds. */
const HARDER = 0.8;
const ODDER = 0.8;

function drawLeaning(count: number, leaning: number, random: Random): LeaningRows {
  const places = new Float64Array(count * COVARIATES);
  for (let row = 0; row < count; row++) {
    let first = random();
    while (random() > Math.exp(leaning * (first - 1))) first = random();
    places.set([first, random()], row * COVARIATES);
  }
  const along = (row: number) => Math.sqrt(12) * ((places[row * COVARIATES] as number) - 0.5);
  const made = drawRows(count, SHARES, random);
  const margins = made.flips.anomalyScore.map((score, row) => Math.log(1 / score - 1) - HARDER * along(row));
  const others = made.labels.map((label) => (label + (random() < 0.5 ? 1 : 2)) % CLASSES);
  return {
    labels: made.labels,
    flips: {
      anomalyScore: margins.map((margin) => 1 / (1 + Math.exp(margin))),
      logRatio: margins.map((margin) => Math.log(1 - ASSUMED_SHARE + (ASSUMED_SHARE * Math.exp(-margin)) / 2)),
      calledClass: others.map((other, row) => ((margins[row] as number) < 0 ? other : (made.labels[row] as number))),
    },
    odd: {
      anomalyScore: Float64Array.from(
        { length: count },
        (_, row) => 1 / (1 + Math.exp(-ODDER * along(row) - standardNormal(random))),
      ),
    },
    places,
  };
}

function ranksOf({ places }: LeaningRows): Uint8Array {
  return Uint8Array.from(places, (place) => Math.floor(RANKS * place));
}

/** The tests of a scope that lies elsewhere than trusted rows, and is otherwise like them; `isTold`: by covariates that are known. */
export function testLeaningScope(random: Random, seed: string, isTold: boolean): SoundScope {
  const trusted = drawLeaning(TRUSTED_ROWS, 0, random);
  const strata = [classStrata(trusted.labels, CLASSES, all(trusted)), ONE_STRATUM];
  const calibrations = [trusted.flips, trusted.odd].map((evidence, at) => {
    const by = strata[at] as Strata;
    const calibration = calibrate(evidence, trusted.labels, CLASSES, by, all(trusted));
    return withJudgedRows(calibration, evidence, trusted.labels, CLASSES, by, all(trusted));
  });
  const scope = drawLeaning(SCOPE_ROWS, LEANING, random);
  const tallies = calibrations.map((calibration, at) =>
    tallyOf(scope, at === 0 ? scope.flips : scope.odd, strata[at] as Strata, calibration),
  );
  const basis = { rows: COVARIATES, cols: COVARIATES, data: new Float32Array(COVARIATES ** 2) };
  const covariates: Covariates = { basis, knots: new Float32Array(COVARIATES * KNOTS), ranks: ranksOf(trusted) };
  const sums = new Float64Array(COVARIATES);
  ranksOf(scope).forEach((rank, at) => {
    sums[at % COVARIATES] = (sums[at % COVARIATES] as number) + rank;
  });
  const told = { ranks: { rows: SCOPE_ROWS, sums } } as Pick<ShardAssessment, 'ranks'> as ShardAssessment;
  const baseline = tiltBaseline({ ...baselineOf(calibrations, strata), covariates }, isTold ? [told] : []);
  const [flips] = baseline.detectors as [FittedDetector];
  const pairs = testPairs(baseline, flips, tallies[0] as Tally, 0).map(({ pValue }) => pValue);
  const trials = testScope(baseline, tallies, { tolerance: 0, seed }, true);
  return { trials, pairs: bonferroni(pairs, CLASSES * (CLASSES - 1)) };
}
