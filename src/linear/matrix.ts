/** Row-major dense matrix, rows × cols. */
export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float32Array;
}

export function zeros(rows: number, cols: number): Matrix {
  return { rows, cols, data: new Float32Array(rows * cols) };
}

/** Numbers of any precision as a matrix, copied. */
export function toMatrix(data: ArrayLike<number>, rows: number, cols: number): Matrix {
  return { rows, cols, data: Float32Array.from(data) };
}

/** The rows at `indices`, copied, in that order. */
export function selectRows(matrix: Matrix, indices: ArrayLike<number>): Matrix {
  const selected = zeros(indices.length, matrix.cols);
  for (let i = 0; i < indices.length; i++) {
    const start = (indices[i] as number) * matrix.cols;
    selected.data.set(matrix.data.subarray(start, start + matrix.cols), i * matrix.cols);
  }
  return selected;
}

/** The columns at `indices`, copied, in that order. */
export function selectColumns(matrix: Matrix, indices: ArrayLike<number>): Matrix {
  const selected = zeros(matrix.rows, indices.length);
  for (let row = 0; row < matrix.rows; row++) {
    const from = row * matrix.cols;
    const to = row * indices.length;
    for (let c = 0; c < indices.length; c++) {
      selected.data[to + c] = matrix.data[from + (indices[c] as number)] as number;
    }
  }
  return selected;
}

export function columnMeans({ rows, cols, data }: Matrix): Float64Array {
  const means = new Float64Array(cols);
  data.forEach((value, at) => {
    means[at % cols] = (means[at % cols] as number) + value / rows;
  });
  return means;
}

/** Matrices of equal height side by side. */
export function joinColumns(parts: readonly Matrix[], rows: number): Matrix {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const cols = parts.reduce((sum, part) => sum + part.cols, 0);
  const joined = zeros(rows, cols);
  let at = 0;
  for (const part of parts) {
    for (let row = 0; row < rows; row++) {
      joined.data.set(part.data.subarray(row * part.cols, (row + 1) * part.cols), row * cols + at);
    }
    at += part.cols;
  }
  return joined;
}

/** Columns of which a row has 1 in one at most, and 0 in the others. */
export interface OneHotGroup {
  readonly from: number;
  readonly width: number;
}

/** A matrix that stays where tensors are computed, until the scope ends that made it. */
export interface Resident {
  readonly rows: number;
  readonly cols: number;
  /** Columns side by side, known to this folder alone. */
  readonly parts: readonly object[];
}

/** Rows to compute with, wherever they are. */
export type Rows = Matrix | Resident;
