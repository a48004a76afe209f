import { type Matrix, type Rows, toMatrix } from './matrix.js';
import { crossProduct, multiply } from './products.js';
import { mainDirections, trace } from './subspace.js';

/** The two directions in which the fitted rows differ most. */
export interface PrincipalPlane {
  /** dims × 2, orthonormal columns. */
  readonly directions: Matrix;
  /** Where the mean of the fitted rows lies: x, y. */
  readonly centre: Float32Array;
}

/** It is for the eye: directions that vary almost alike need not be told apart. */
const POWER_STEPS = 40;

/** Fits on `rows` (rows × dims); null where they do not differ. */
export function fitPlane(rows: Matrix): PrincipalPlane | null {
  const { means, centred } = centre(rows);
  const gram = crossProduct(centred, centred);
  const variance = trace(gram, rows.cols);
  // Rounding alone leaves a little of it.
  if (rows.cols < 2 || !(variance > Number.EPSILON * rows.rows)) return null;
  const directions = mainDirections(toMatrix(gram, rows.cols, rows.cols), 2, POWER_STEPS);
  return { directions, centre: multiply(means, directions).data };
}

/** Places of rows on the plane, x and y in turn: 2 × rows numbers. */
export function placeRows({ directions, centre: [x = 0, y = 0] }: PrincipalPlane, rows: Rows): Float32Array {
  return multiply(rows, directions).data.map((value, at) => value - (at % 2 === 0 ? x : y));
}

function centre(rows: Matrix): { means: Matrix; centred: Matrix } {
  const sums = new Float64Array(rows.cols);
  rows.data.forEach((value, at) => {
    const column = at % rows.cols;
    sums[column] = (sums[column] as number) + value;
  });
  const means = sums.map((sum) => sum / Math.max(1, rows.rows));
  const data = rows.data.map((value, at) => value - (means[at % rows.cols] as number));
  return { means: toMatrix(means, 1, rows.cols), centred: { ...rows, data } };
}
