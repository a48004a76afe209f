import { type Matrix, zeros } from '../linear/index.js';
import type { SparseRows } from './text.js';

/** Reference rows by dimension: those that have dimension d stand at starts[d] … starts[d + 1]. */
export interface InvertedIndex {
  readonly references: number;
  readonly starts: Int32Array;
  readonly rows: Int32Array;
  readonly values: Float32Array;
}

/** Indexes the rows at `chosen`; reference r is row chosen[r]. */
export function indexRows(rows: SparseRows, chosen: Int32Array): InvertedIndex {
  let dims = 0;
  for (const dimension of rows.indices) dims = Math.max(dims, dimension + 1);
  const starts = new Int32Array(dims + 1);
  for (const row of chosen) {
    forEachEntry(rows, row, (dimension) => {
      starts[dimension + 1] = (starts[dimension + 1] as number) + 1;
    });
  }
  for (let d = 0; d < dims; d++) starts[d + 1] = (starts[d + 1] as number) + (starts[d] as number);
  const next = starts.slice();
  const entries = starts[dims] as number;
  const index = { references: chosen.length, starts, rows: new Int32Array(entries), values: new Float32Array(entries) };
  chosen.forEach((row, reference) => {
    forEachEntry(rows, row, (dimension, value) => {
      const at = next[dimension] as number;
      next[dimension] = at + 1;
      index.rows[at] = reference;
      index.values[at] = value;
    });
  });
  return index;
}

function forEachEntry(rows: SparseRows, row: number, visit: (dimension: number, value: number) => void): void {
  const end = rows.starts[row + 1] as number;
  for (let k = rows.starts[row] as number; k < end; k++) visit(rows.indices[k] as number, rows.values[k] as number);
}

/** Inner products of one row with every reference, written into `similarities` (length references). */
export function similaritiesOf(index: InvertedIndex, rows: SparseRows, row: number, similarities: Float32Array): void {
  similarities.fill(0);
  const end = rows.starts[row + 1] as number;
  for (let k = rows.starts[row] as number; k < end; k++) {
    const dimension = rows.indices[k] as number;
    if (dimension + 1 >= index.starts.length) continue;
    const value = rows.values[k] as number;
    const last = index.starts[dimension + 1] as number;
    for (let p = index.starts[dimension] as number; p < last; p++) {
      const reference = index.rows[p] as number;
      similarities[reference] = (similarities[reference] as number) + value * (index.values[p] as number);
    }
  }
}

/** Inner products of all rows with every reference: rows × references. */
export function similarityMatrix(index: InvertedIndex, rows: SparseRows): Matrix {
  const matrix = zeros(rows.rows, index.references);
  for (let row = 0; row < rows.rows; row++) {
    similaritiesOf(index, rows, row, matrix.data.subarray(row * index.references, (row + 1) * index.references));
  }
  return matrix;
}
