/** Lower triangle L of a symmetric positive definite matrix A = LLᵀ, size × size, row-major. */
export interface Cholesky {
  readonly size: number;
  readonly lower: Float64Array;
}

/** Factorises `a` (size × size, not changed); undefined when it is not positive definite. */
export function cholesky(a: Float64Array, size: number): Cholesky | undefined {
  const lower = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const rowI = i * size;
    for (let j = 0; j <= i; j++) {
      const rest = (a[rowI + j] as number) - dot(lower, rowI, lower, j * size, j);
      if (i !== j) lower[rowI + j] = rest / (lower[j * size + j] as number);
      else if (rest > 0) lower[rowI + i] = Math.sqrt(rest);
      else return undefined;
    }
  }
  return { size, lower };
}

// Four sums at once: the additions do not wait for one another.
function dot(a: Float64Array, fromA: number, b: Float64Array, fromB: number, length: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + 3 < length; k += 4) {
    s0 += (a[fromA + k] as number) * (b[fromB + k] as number);
    s1 += (a[fromA + k + 1] as number) * (b[fromB + k + 1] as number);
    s2 += (a[fromA + k + 2] as number) * (b[fromB + k + 2] as number);
    s3 += (a[fromA + k + 3] as number) * (b[fromB + k + 3] as number);
  }
  for (; k < length; k++) s0 += (a[fromA + k] as number) * (b[fromB + k] as number);
  return s0 + s1 + s2 + s3;
}

/** L⁻ᵀ: row j holds column j of L⁻¹, so that products run along memory. */
export function inverseTransposed({ lower, size }: Cholesky): Float64Array {
  const columns = new Float64Array(size * size);
  for (let j = 0; j < size; j++) {
    const start = j * size;
    columns[start + j] = 1 / (lower[start + j] as number);
    for (let i = j + 1; i < size; i++) {
      const sum = dot(lower, i * size + j, columns, start + j, i - j);
      columns[start + i] = -sum / (lower[i * size + i] as number);
    }
  }
  return columns;
}

/** Solves A·X = B for B of size × cols; returns X. */
export function solve({ size, lower }: Cholesky, b: Float64Array, cols: number): Float64Array {
  const x = Float64Array.from(b);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) subtractRow(x, i, k, lower[i * size + k] as number, cols);
    scaleRow(x, i, 1 / (lower[i * size + i] as number), cols);
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) subtractRow(x, i, k, lower[k * size + i] as number, cols);
    scaleRow(x, i, 1 / (lower[i * size + i] as number), cols);
  }
  return x;
}

function subtractRow(x: Float64Array, row: number, other: number, factor: number, cols: number): void {
  for (let c = 0; c < cols; c++) {
    x[row * cols + c] = (x[row * cols + c] as number) - factor * (x[other * cols + c] as number);
  }
}

function scaleRow(x: Float64Array, row: number, factor: number, cols: number): void {
  for (let c = 0; c < cols; c++) x[row * cols + c] = (x[row * cols + c] as number) * factor;
}
