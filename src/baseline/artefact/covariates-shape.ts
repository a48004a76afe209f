import { type Covariates, KNOTS } from '../../detect/index.js';
import type { Baseline } from '../types.js';
import { assertMatrix, matrix } from './picture-shape.js';
import { arrayOf, Misshapen, record } from './shape.js';

const whole = record<Covariates>({ basis: matrix, knots: arrayOf(Float32Array), ranks: arrayOf(Uint8Array) });

/** Where the trusted rows lie, all of them, and which of these rows the detectors have judged. */
export function assertCovariates({ rows, encoder, detectors }: Baseline, value: unknown): void {
  if (value === null) return;
  whole(value, '.covariates');
  const { basis, knots, ranks } = value as Covariates;
  const directions = basis.cols + (encoder.text === null ? 0 : 1);
  assertMatrix(basis, '.covariates.basis');
  if (knots.length !== directions * KNOTS || ranks.length !== rows * directions) {
    throw new Misshapen(`.covariates does not fit ${rows} rows`);
  }
  for (const { calibrations } of detectors) {
    for (const { judged } of calibrations) {
      if (judged?.rows.every((row) => row >= 0 && row < rows) === false) {
        throw new Misshapen('.detectors judge rows that are not there');
      }
    }
  }
}
