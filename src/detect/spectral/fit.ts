import { type Matrix, multiply, multiplySome, type Rows, whitenCentred } from '../../linear/index.js';
import type { TrustedRows } from '../contract.js';
import { type ClassedRows, centreByClass, directionsOf, meansByClass, takeClassed } from './scatter.js';

/** What trusted rows of each class look like in the directions in which they differ most. Plain data. */
export interface SpectralModel {
  /** Orthonormal columns: dims × rank. */
  readonly basis: Matrix;
  /** By which the fitted rows become alike in all directions: rank × rank. */
  readonly whitening: Matrix;
  /** Of the fitted rows by class, in the basis: classes × rank. */
  readonly means: Matrix;
  /** Trusted rows that nothing above has seen, in the basis and centred by class. */
  readonly usual: ClassedRows;
}

const RANK = 64;
/** A direction that is fitted on fewer rows is theirs alone. */
const ROWS_PER_DIRECTION = 12;
/** More of them make the baseline larger, and directions hardly any surer. */
const MOST_ROWS = 4000;
/** Of the mean variance: what is added to that of each direction. */
const RIDGE = 0.01;

/** Fits on every other distinct row and keeps the others to compare with; null without classes or with too few rows. */
export function fitSpectral(trusted: TrustedRows, distinct: Int32Array): SpectralModel | null {
  const { labels, classes } = trusted;
  const chosen = distinct.filter((row) => (labels[row] as number) >= 0).subarray(0, MOST_ROWS);
  const [fitted, kept] = [0, 1].map((half) =>
    takeClassed(
      trusted,
      chosen.filter((_, at) => at % 2 === half),
    ),
  ) as [ClassedRows, ClassedRows];
  const rank = Math.min(RANK, trusted.features.cols - 1, Math.floor(fitted.labels.length / ROWS_PER_DIRECTION));
  if (classes === 0 || rank < 2) return null;
  const basis = directionsOf(centreByClass(fitted, meansByClass(fitted, classes)), rank);
  const inside = { ...fitted, features: multiply(fitted.features, basis) };
  const means = meansByClass(inside, classes);
  const centred = centreByClass(inside, means);
  return {
    basis,
    whitening: whitenCentred(centred, RIDGE),
    means,
    usual: {
      labels: kept.labels,
      features: centreByClass({ ...kept, features: multiply(kept.features, basis) }, means),
    },
  };
}

/** Some rows as they lie along the model's directions: chosen × rank. */
export function alongDirections({ basis }: SpectralModel, features: Rows, chosen: Int32Array): Matrix {
  return multiplySome(features, chosen, basis);
}
