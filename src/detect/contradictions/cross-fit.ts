/** Sparse rows: row i has values[k] at feature indices[k] for starts[i] ≤ k < starts[i + 1]. */
export interface SparseFeatures {
  readonly starts: Uint32Array;
  readonly indices: Int32Array;
  readonly values: Float32Array;
  readonly dims: number;
}

const LAMBDA = 1;
const MOST_STEPS = 25;
/** Of the first squared residual. */
const TOLERANCE = 1e-4;

/** Fold → weights of the ridge fit of the class `target` on the rows of the other folds, by conjugate gradients. */
export function crossFit(
  features: SparseFeatures,
  labels: Int32Array,
  target: number,
  folds: Uint8Array,
  count: number,
): Float64Array[] {
  return Array.from({ length: count }, (_, fold) => {
    const rows = Int32Array.from(
      [...labels.keys()].filter((row) => folds[row] !== fold && (labels[row] as number) >= 0),
    );
    const share = rows.filter((row) => labels[row] === target).length / Math.max(1, rows.length);
    return solveRidge(
      features,
      rows,
      Float64Array.from(rows, (row) => (labels[row] === target ? 1 : 0) - share),
    );
  });
}

/** (XᵀX + λI)⁻¹Xᵀy over the rows; y in their order. */
function solveRidge(features: SparseFeatures, rows: Int32Array, y: Float64Array): Float64Array {
  const weights = new Float64Array(features.dims);
  const residual = transposed(features, rows, y);
  const direction = Float64Array.from(residual);
  let square = dot(residual, residual);
  const enough = TOLERANCE * square;
  for (let step = 0; step < MOST_STEPS && square > enough; step++) {
    const image = transposed(features, rows, product(features, rows, direction));
    for (let d = 0; d < image.length; d++) image[d] = (image[d] as number) + LAMBDA * (direction[d] as number);
    const length = square / dot(direction, image);
    for (let d = 0; d < weights.length; d++) {
      weights[d] = (weights[d] as number) + length * (direction[d] as number);
      residual[d] = (residual[d] as number) - length * (image[d] as number);
    }
    const next = dot(residual, residual);
    const kept = next / square;
    for (let d = 0; d < direction.length; d++) direction[d] = (residual[d] as number) + kept * (direction[d] as number);
    square = next;
  }
  return weights;
}

function product({ starts, indices, values }: SparseFeatures, rows: Int32Array, vector: Float64Array): Float64Array {
  const result = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    const end = starts[row + 1] as number;
    let sum = 0;
    for (let k = starts[row] as number; k < end; k++)
      sum += (values[k] as number) * (vector[indices[k] as number] as number);
    result[i] = sum;
  }
  return result;
}

function transposed(
  { starts, indices, values, dims }: SparseFeatures,
  rows: Int32Array,
  vector: Float64Array,
): Float64Array {
  const result = new Float64Array(dims);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    const end = starts[row + 1] as number;
    const factor = vector[i] as number;
    for (let k = starts[row] as number; k < end; k++) {
      const at = indices[k] as number;
      result[at] = (result[at] as number) + factor * (values[k] as number);
    }
  }
  return result;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
