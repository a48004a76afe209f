import { joinColumns, type Matrix, multiplyRelu, normals, seededRandom, zeros } from '../linear/index.js';

/** Random rectified features over dense ones: relu([x, 1]·W), Rahimi and Recht 2008. */
export interface Expansion {
  /** Inverse of the root mean square length of trusted rows. */
  readonly scale: number;
  /** (dims + 1) × width. */
  readonly projection: Matrix;
  /** Gives the expanded rows unit mean square length. */
  readonly gain: number;
}

export function fitExpansion(dense: Matrix, width: number, seed: string): Expansion {
  const scale = 1 / rootMeanSquareLength(dense);
  const projection = { rows: dense.cols + 1, cols: width, data: normals(seededRandom(seed), (dense.cols + 1) * width) };
  const expanded = multiplyRelu(withConstant(dense, scale), projection);
  return { scale, projection, gain: 1 / rootMeanSquareLength(expanded) };
}

/** [scaled dense rows, expanded rows]: rows × (dims + width), each half of about unit length. */
export function expand(expansion: Expansion, dense: Matrix): Matrix {
  const scaled = withConstant(dense, expansion.scale);
  const expanded = multiplyRelu(scaled, expansion.projection);
  for (let i = 0; i < expanded.data.length; i++) expanded.data[i] = (expanded.data[i] as number) * expansion.gain;
  return joinColumns([scaled, expanded], dense.rows);
}

function withConstant(dense: Matrix, scale: number): Matrix {
  const result = zeros(dense.rows, dense.cols + 1);
  for (let row = 0; row < dense.rows; row++) {
    for (let d = 0; d < dense.cols; d++) {
      result.data[row * result.cols + d] = (dense.data[row * dense.cols + d] as number) * scale;
    }
    result.data[row * result.cols + dense.cols] = 1;
  }
  return result;
}

function rootMeanSquareLength(matrix: Matrix): number {
  let squares = 0;
  for (const value of matrix.data) squares += value * value;
  return Math.sqrt(squares / Math.max(1, matrix.rows)) || 1;
}
