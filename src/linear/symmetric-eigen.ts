/** Of a symmetric matrix A = VΛVᵀ, in no order. */
export interface SymmetricEigen {
  readonly values: Float64Array;
  /** V, size × size, row-major: an orthonormal column for each value. */
  readonly vectors: Float64Array;
}

const MOST_SWEEPS = 30;

/** By cyclic Jacobi rotations (Golub and Van Loan, Matrix Computations, 8.5); `a`: size × size, not changed. */
export function symmetricEigen(a: Float64Array, size: number): SymmetricEigen {
  const left = Float64Array.from(a);
  const vectors = new Float64Array(size * size);
  for (let d = 0; d < size; d++) vectors[d * (size + 1)] = 1;
  for (let sweep = 0; sweep < MOST_SWEEPS && isOffDiagonal(left, size); sweep++) {
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) rotate(left, vectors, size, p, q);
    }
  }
  return { values: Float64Array.from({ length: size }, (_, d) => left[d * (size + 1)] as number), vectors };
}

function isOffDiagonal(a: Float64Array, size: number): boolean {
  const onDiagonal = (at: number) => at % (size + 1) === 0;
  const diagonal = a.reduce((sum, value, at) => (onDiagonal(at) ? sum + value ** 2 : sum), 0);
  const rest = a.reduce((sum, value, at) => (onDiagonal(at) ? sum : sum + value ** 2), 0);
  return rest > Number.EPSILON ** 2 * diagonal;
}

/** Turns directions p and q so that they have nothing in common. */
function rotate(a: Float64Array, vectors: Float64Array, size: number, p: number, q: number): void {
  const shared = a[p * size + q] as number;
  if (shared === 0) return;
  const theta = ((a[q * size + q] as number) - (a[p * size + p] as number)) / (2 * shared);
  const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const cosine = 1 / Math.hypot(tangent, 1);
  const sine = tangent * cosine;
  for (let k = 0; k < size; k++) turn(a, p * size + k, q * size + k, cosine, sine);
  for (let k = 0; k < size; k++) {
    turn(a, k * size + p, k * size + q, cosine, sine);
    turn(vectors, k * size + p, k * size + q, cosine, sine);
  }
}

function turn(values: Float64Array, p: number, q: number, cosine: number, sine: number): void {
  const [x, y] = [values[p] as number, values[q] as number];
  values[p] = cosine * x - sine * y;
  values[q] = sine * x + cosine * y;
}
