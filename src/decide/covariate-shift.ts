import type { ShardAssessment } from '../assess/index.js';
import type { Baseline } from '../baseline/index.js';
import { addRankSums, type Covariates, type RankSums, tiltTowards, weighCalibration } from '../detect/index.js';

type Calibration = Baseline['detectors'][number]['calibrations'][number];

/**
 * The baseline with its trusted rows weighted beside what they are, so that they lie where the rows of the batch do: what
 * such rows are like by nature is no poison. Every part of the batch is compared with the same weighted rows: what one
 * part alone differs in weighs no more than that part does.
 */
export function tiltBaseline(baseline: Baseline, judged: readonly ShardAssessment[]): Baseline {
  const { covariates } = baseline;
  const batch = addRankSums(judged.flatMap(({ ranks }) => ranks ?? []));
  if (covariates === null || batch === undefined || batch.rows === 0) return baseline;
  const classes = Math.max(1, baseline.classes.length);
  const tilted = (calibration: Calibration) => tiltCalibration(calibration, covariates, batch, classes);
  return {
    ...baseline,
    detectors: baseline.detectors.map((detector) => ({ ...detector, calibrations: detector.calibrations.map(tilted) })),
  };
}

function tiltCalibration(
  calibration: Calibration,
  covariates: Covariates,
  batch: RankSums,
  classes: number,
): Calibration {
  const { judged } = calibration;
  if (judged === null) return calibration;
  const weights = tiltTowards(covariates, judged.rows, batch);
  return { ...calibration, tilted: weighCalibration(calibration, judged, weights, classes) };
}
