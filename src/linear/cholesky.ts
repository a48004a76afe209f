/** Lower triangle L of a symmetric positive definite matrix A = LLᵀ, size × size, row-major. */
export interface Cholesky {
  readonly size: number;
  readonly lower: Float64Array;
}

/** Columns that are finished together: what they are made of is then read once for all of them. */
const BLOCK = 32;
/** Columns of which so many rows stay in the cache of a processor. */
const DEPTH = 256;

/** Factorises `a` (size × size, not changed); undefined when it is not positive definite. */
export function cholesky(a: Float64Array, size: number): Cholesky | undefined {
  const lower = Float64Array.from(a);
  for (const [from, to] of spans(0, size, BLOCK)) {
    for (const depth of spans(0, from, DEPTH)) {
      for (const rows of spans(from, size, BLOCK)) subtractProducts(lower, lower, lower, size, rows, [from, to], depth);
    }
    for (let i = from; i < size; i++) {
      const rowI = i * size;
      for (let j = from; j <= i && j < to; j++) {
        const rest = (lower[rowI + j] as number) - dot(lower, rowI + from, lower, j * size + from, j - from);
        if (i !== j) lower[rowI + j] = rest / (lower[j * size + j] as number);
        else if (rest > 0) lower[rowI + i] = Math.sqrt(rest);
        else return undefined;
      }
    }
  }
  for (let i = 0; i < size; i++) lower.fill(0, i * size + i + 1, (i + 1) * size);
  return { size, lower };
}

type Span = readonly [from: number, to: number];

function spans(from: number, to: number, length: number): Span[] {
  const count = Math.max(0, Math.ceil((to - from) / length));
  return Array.from(
    { length: count },
    (_, at) => [from + at * length, Math.min(from + (at + 1) * length, to)] as const,
  );
}

/** Subtracts from target(i, j) the sum of left(i, k)·right(j, k) over `depth`, two rows with two: each is read half as often. */
function subtractProducts(
  target: Float64Array,
  left: Float64Array,
  right: Float64Array,
  size: number,
  [firstRow, endRow]: Span,
  [firstCol, endCol]: Span,
  [from, to]: Span,
): void {
  for (let i = firstRow; i < endRow; i += 2) {
    const row = i * size;
    const rowAfter = Math.min(i + 1, endRow - 1) * size;
    for (let j = firstCol; j < endCol; j += 2) {
      const other = j * size;
      const otherAfter = Math.min(j + 1, endCol - 1) * size;
      let s00 = 0;
      let s01 = 0;
      let s10 = 0;
      let s11 = 0;
      for (let k = from; k < to; k++) {
        const a = left[row + k] as number;
        const b = left[rowAfter + k] as number;
        const c = right[other + k] as number;
        const d = right[otherAfter + k] as number;
        s00 += a * c;
        s01 += a * d;
        s10 += b * c;
        s11 += b * d;
      }
      target[row + j] = (target[row + j] as number) - s00;
      if (j + 1 < endCol) target[row + j + 1] = (target[row + j + 1] as number) - s01;
      if (i + 1 === endRow) continue;
      target[rowAfter + j] = (target[rowAfter + j] as number) - s10;
      if (j + 1 < endCol) target[rowAfter + j + 1] = (target[rowAfter + j + 1] as number) - s11;
    }
  }
}

/** Four sums at once: the additions do not wait for one another. */
export function dot(a: Float64Array, fromA: number, b: Float64Array, fromB: number, length: number): number {
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
  for (const [from, to] of spans(0, size, BLOCK)) {
    for (const rows of spans(0, from, BLOCK)) {
      // A row has nothing before its diagonal.
      for (const depth of spans(rows[0], from, DEPTH))
        subtractProducts(columns, columns, lower, size, rows, [from, to], depth);
    }
    for (let j = 0; j < to; j++) {
      const start = j * size;
      const first = Math.max(from, j);
      if (first === j) columns[start + j] = 1 / (lower[start + j] as number);
      for (let i = Math.max(from, j + 1); i < to; i++) {
        const sum = dot(lower, i * size + first, columns, start + first, i - first);
        columns[start + i] = ((columns[start + i] as number) - sum) / (lower[i * size + i] as number);
      }
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
