import { fitPlane, type Matrix, type PrincipalPlane, placeRows, selectRows } from '../linear/index.js';

/** Where rows are drawn, and a sample of the trusted ones drawn there. For the eye only: no test looks at it. Plain data. */
export interface TrustedMap {
  readonly plane: PrincipalPlane;
  /** x and y in turn, two a row. */
  readonly places: Float32Array;
  /** Class index of each, −1 for none. */
  readonly labels: Int32Array;
}

/** More tell no more of two directions, and hide one another where they are drawn. */
const MOST_ROWS = 1000;

/** Fits on the first of the `distinct` rows, which are in digest order; null where rows do not differ. */
export function fitMap(features: Matrix, labels: Int32Array, distinct: Int32Array): TrustedMap | null {
  const chosen = distinct.subarray(0, MOST_ROWS);
  const rows = selectRows(features, chosen);
  const plane = fitPlane(rows);
  if (plane === null) return null;
  return { plane, places: placeRows(plane, rows), labels: Int32Array.from(chosen, (row) => labels[row] as number) };
}
