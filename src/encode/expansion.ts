import {
  joinColumns,
  joinResidents,
  type Matrix,
  multiplyRelu,
  normals,
  type OneHotGroup,
  type Resident,
  residentRelu,
  residentScaled,
  seededRandom,
} from '../linear/index.js';

/** Random rectified features over dense ones: relu([x, 1]·W), Rahimi and Recht 2008. */
export interface Expansion {
  /** Inverse of the root mean square length of trusted rows. */
  readonly scale: number;
  /** (dims + 1) × width; such that expanded rows have unit mean square length. */
  readonly projection: Matrix;
}

/** Dense rows bring a last column for the constant: rows × (dims + 1). */
export function fitExpansion(dense: Matrix, width: number, seed: string): Expansion {
  // In single precision, so that every backend scales alike.
  const scale = Math.fround(1 / rootMeanSquareLength(dense));
  const projection = { rows: dense.cols, cols: width, data: normals(seededRandom(seed), dense.cols * width) };
  const gain =
    1 / rootMeanSquareLength(multiplyRelu(scaleRows({ ...dense, data: dense.data.slice() }, scale), projection));
  return { scale, projection: { ...projection, data: projection.data.map((weight) => weight * gain) } };
}

/** [scaled dense rows with a constant, expanded rows]: rows × (dims + 1 + width), each half of about unit length; takes `dense`. */
export function expand({ scale, projection }: Expansion, dense: Matrix): Matrix {
  const scaled = scaleRows(dense, scale);
  return joinColumns([scaled, multiplyRelu(scaled, projection)], dense.rows);
}

/** The same, left where it was computed. */
export function expandResident(
  { scale, projection }: Expansion,
  dense: Matrix,
  categories: readonly OneHotGroup[],
): Resident {
  const scaled = residentScaled(withConstant(dense, scale), scale, categories);
  return joinResidents([scaled, residentRelu(scaled, projection)]);
}

function scaleRows(dense: Matrix, scale: number): Matrix {
  const { data } = withConstant(dense, scale);
  for (let at = 0; at < data.length; at++) data[at] = (data[at] as number) * scale;
  return dense;
}

/** In place: at a million rows a copy of each costs as much as reading them. Scaled, the last column is 1. */
function withConstant(dense: Matrix, scale: number): Matrix {
  const { data, cols } = dense;
  for (let at = cols - 1; at < data.length; at += cols) data[at] = 1 / scale;
  return dense;
}

function rootMeanSquareLength(matrix: Matrix): number {
  let squares = 0;
  for (let at = 0; at < matrix.data.length; at++) squares += (matrix.data[at] as number) ** 2;
  return Math.sqrt(squares / Math.max(1, matrix.rows)) || 1;
}
