import { Bug } from '../errors.js';
import { cholesky, dot, inverseTransposed } from './cholesky.js';
import { type Matrix, toMatrix } from './matrix.js';
import { crossProduct, multiply } from './products.js';
import { normals, seededRandom } from './random.js';

/** Products of a step: for so many or fewer, the calls of tensors would take longer than what they compute. */
const FEW_PRODUCTS = 2 ** 18;
const SINGLE_PRECISION = 2 ** -23;

/**
 * Directions of greatest variance of rows with these sums of products (dims × dims), greatest first, by power
 * iteration from a fixed start: dims × rank, orthonormal columns.
 */
export function mainDirections(gram: Matrix, rank: number, steps: number): Matrix {
  const start = toMatrix(normals(seededRandom('subspace'), gram.rows * rank), gram.rows, rank);
  if (gram.rows ** 2 * rank <= FEW_PRODUCTS) return plainDirections(gram, start, steps);
  let basis = orthonormal(start);
  for (let step = 0; step < steps; step++) basis = orthonormal(multiply(gram, basis));
  return basis;
}

function plainDirections(gram: Matrix, start: Matrix, steps: number): Matrix {
  const columns = Array.from({ length: start.cols }, (_, column) =>
    Float64Array.from({ length: start.rows }, (_, row) => start.data[row * start.cols + column] as number),
  );
  let basis = gramSchmidt(columns);
  for (let step = 0; step < steps; step++) basis = gramSchmidt(basis.map((column) => timesVector(gram, column)));
  const data = Float64Array.from(
    start.data,
    (_, at) => basis[at % start.cols]?.[Math.floor(at / start.cols)] as number,
  );
  return toMatrix(data, start.rows, start.cols);
}

function timesVector({ data, cols }: Matrix, vector: Float64Array): Float64Array {
  const product = new Float64Array(cols);
  for (let i = 0; i < cols; i++) {
    let sum = 0;
    for (let j = 0; j < cols; j++) sum += (data[i * cols + j] as number) * (vector[j] as number);
    product[i] = sum;
  }
  return product;
}

/** Each column less what those before it have of it, twice for the rounding of the first time, of length 1. */
function gramSchmidt(columns: readonly Float64Array[]): Float64Array[] {
  const basis: Float64Array[] = [];
  for (const column of columns) {
    let rest = column;
    for (const other of [...basis, ...basis]) {
      const along = product(rest, other);
      rest = rest.map((value, at) => value - along * (other[at] as number));
    }
    const length = lengthOf(rest);
    // What rounding leaves of it is no direction.
    basis.push(
      length > SINGLE_PRECISION * lengthOf(column)
        ? rest.map((value) => value / length)
        : new Float64Array(rest.length),
    );
  }
  return basis;
}

function product(a: Float64Array, b: Float64Array): number {
  return dot(a, 0, b, 0, a.length);
}

function lengthOf(vector: Float64Array): number {
  return Math.sqrt(product(vector, vector));
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
