import { Bug } from '../errors.js';
import { cholesky, inverseTransposed } from './cholesky.js';
import { type Matrix, toMatrix } from './matrix.js';
import { crossProduct, multiply } from './products.js';
import { normals, seededRandom } from './random.js';

const SINGLE_PRECISION = 2 ** -23;

/**
 * Directions of greatest variance of rows with these sums of products (dims × dims), greatest first, by power
 * iteration from a fixed start: dims × rank, orthonormal columns.
 */
export function mainDirections(gram: Matrix, rank: number, steps: number): Matrix {
  let basis = orthonormal(toMatrix(normals(seededRandom('subspace'), gram.rows * rank), gram.rows, rank));
  for (let step = 0; step < steps; step++) basis = orthonormal(multiply(gram, basis));
  return basis;
}

/** The same span with orthonormal columns: Cholesky QR, repeated for the weak directions' sake (Yamamoto et al. 2015). */
function orthonormal(columns: Matrix): Matrix {
  const most = largest(columns.data);
  let span: Matrix = { ...columns, data: columns.data.map((value) => value / most) };
  for (let pass = 0; pass < 3; pass++) span = multiply(span, whiteningOf(crossProduct(span, span), span.cols));
  return span;
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
}

/**
 * Gives centred rows about equal variance in all directions: cols × cols. `noise` times the mean variance of a column is
 * added to that of each, lest what hardly varies be blown up.
 */
export function whitenCentred(rows: Matrix, noise: number): Matrix {
  const { cols } = rows;
  const scatter = crossProduct(rows, rows).map((sum) => sum / rows.rows);
  // Where nothing varies any number does.
  const raise = (noise * trace(scatter, cols)) / cols || 1;
  for (let d = 0; d < cols; d++) scatter[d * (cols + 1)] = (scatter[d * (cols + 1)] as number) + raise;
  return whiteningOf(scatter, cols);
}

/** L⁻ᵀ of the products of single-precision columns, whose rounding may need a shift to be positive definite. */
function whiteningOf(products: Float64Array, size: number): Matrix {
  for (let shift = SINGLE_PRECISION * trace(products, size) || Number.MIN_VALUE; shift < Infinity; shift *= 10) {
    const shifted = products.map((value, at) => (at % (size + 1) === 0 ? value + shift : value));
    const factor = cholesky(shifted, size);
    if (factor !== undefined) return toMatrix(inverseTransposed(factor), size, size);
  }
  throw new Bug('The sums of the trusted rows are not numbers');
}

export function trace(square: Float64Array, size: number): number {
  let sum = 0;
  for (let d = 0; d < size; d++) sum += square[d * (size + 1)] as number;
  return sum;
}
