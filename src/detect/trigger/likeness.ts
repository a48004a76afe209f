import type { Matrix } from '../../linear/index.js';

/** How alike the trusted rows of each class are: of pairs of rows, the mean inner product of their features. Plain data. */
export interface ClassLikeness {
  /** Class → rows. */
  readonly rows: Float64Array;
  /** Class → mean over pairs of rows. */
  readonly mean: Float64Array;
  /** Class → standard deviation over rows of a row's mean with the others. */
  readonly deviation: Float64Array;
}

export function classLikeness(features: Matrix, labels: Int32Array, classes: number): ClassLikeness {
  const all = Array.from({ length: classes }, (_, label) => {
    const chosen = [...labels.keys()].filter((row) => labels[row] === label);
    return likenessOf(features, Int32Array.from(chosen));
  });
  return {
    rows: Float64Array.from(all, ({ rows }) => rows),
    mean: Float64Array.from(all, ({ mean }) => mean),
    deviation: Float64Array.from(all, ({ deviation }) => deviation),
  };
}

/** Of pairs of some rows. */
interface Likeness {
  readonly rows: number;
  readonly mean: number;
  readonly deviation: number;
}

export function likenessIn({ rows, mean, deviation }: ClassLikeness, label: number): Likeness {
  return { rows: rows[label] ?? 0, mean: mean[label] ?? 0, deviation: deviation[label] ?? 0 };
}

/** Of the rows at `chosen`. */
export function likenessOf({ data, cols }: Matrix, chosen: Int32Array): Likeness {
  const rows = chosen.length;
  if (rows < 2) return { rows, mean: 0, deviation: 0 };
  const sum = new Float64Array(cols);
  for (const row of chosen) {
    for (let d = 0; d < cols; d++) sum[d] = (sum[d] as number) + (data[row * cols + d] as number);
  }
  const likeness = Float64Array.from(chosen, (row) => {
    let [product, square] = [0, 0];
    for (let d = 0; d < cols; d++) {
      const value = data[row * cols + d] as number;
      product += value * (sum[d] as number);
      square += value * value;
    }
    return (product - square) / (rows - 1);
  });
  const mean = likeness.reduce((total, value) => total + value, 0) / rows;
  const squares = likeness.reduce((total, value) => total + (value - mean) ** 2, 0);
  return { rows, mean, deviation: Math.sqrt(squares / (rows - 1)) };
}

/** How much more alike rows are than as many usual ones, in standard errors of a mean over pairs (Hoeffding 1948). */
export function excessLikeness(own: Likeness, usual: Likeness): number {
  if (usual.rows < 2) return Infinity;
  return (own.mean - usual.mean) / Math.max(1e-9, 2 * usual.deviation * Math.sqrt(1 / own.rows + 1 / usual.rows));
}
