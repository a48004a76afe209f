import {
  joinColumns,
  joinResidents,
  type Matrix,
  multiplyRelu,
  normals,
  type Resident,
  residentRelu,
  seededRandom,
  toResident,
  zeros,
} from '../linear/index.js';

/** Random rectified features over dense ones: relu([x, 1]·W), Rahimi and Recht 2008. */
export interface Expansion {
  /** Inverse of the root mean square length of trusted rows. */
  readonly scale: number;
  /** (dims + 1) × width; such that expanded rows have unit mean square length. */
  readonly projection: Matrix;
}

export function fitExpansion(dense: Matrix, width: number, seed: string): Expansion {
  const scale = 1 / rootMeanSquareLength(dense);
  const projection = { rows: dense.cols + 1, cols: width, data: normals(seededRandom(seed), (dense.cols + 1) * width) };
  const gain = 1 / rootMeanSquareLength(multiplyRelu(withConstant(dense, scale), projection));
  return { scale, projection: { ...projection, data: projection.data.map((weight) => weight * gain) } };
}

/** [scaled dense rows, expanded rows]: rows × (dims + width), each half of about unit length. */
export function expand({ scale, projection }: Expansion, dense: Matrix): Matrix {
  const scaled = withConstant(dense, scale);
  return joinColumns([scaled, multiplyRelu(scaled, projection)], dense.rows);
}

/** The same, left where it was computed. */
export function expandResident({ scale, projection }: Expansion, dense: Matrix): Resident {
  const scaled = toResident(withConstant(dense, scale));
  return joinResidents([scaled, residentRelu(scaled, projection)]);
}

function withConstant(dense: Matrix, scale: number): Matrix {
  const result = zeros(dense.rows, dense.cols + 1);
  for (let row = 0, from = 0, to = 0; row < dense.rows; row++, to++) {
    for (let d = 0; d < dense.cols; d++, from++, to++) result.data[to] = (dense.data[from] as number) * scale;
    result.data[to] = 1;
  }
  return result;
}

function rootMeanSquareLength(matrix: Matrix): number {
  let squares = 0;
  for (const value of matrix.data) squares += value * value;
  return Math.sqrt(squares / Math.max(1, matrix.rows)) || 1;
}
