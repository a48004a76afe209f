import { type InvertedIndex, type SparseRows, similaritiesOf } from '../encode/index.js';

const NEIGHBOURS = 5;

/** 1 − mean similarity of the five nearest references that are not the row's own copies. */
export function textDistances(
  index: InvertedIndex,
  rows: SparseRows,
  isOwn: (row: number, reference: number) => boolean,
): Float64Array {
  const similarities = new Float32Array(index.references);
  const nearest = new Float64Array(NEIGHBOURS);
  const distances = new Float64Array(rows.rows);
  for (let row = 0; row < rows.rows; row++) {
    similaritiesOf(index, rows, row, similarities);
    nearest.fill(0);
    for (let r = 0; r < similarities.length; r++) {
      const similarity = similarities[r] as number;
      if (similarity <= (nearest[0] as number) || isOwn(row, r)) continue;
      insertAscending(nearest, similarity);
    }
    distances[row] = 1 - nearest.reduce((sum, value) => sum + value, 0) / NEIGHBOURS;
  }
  return distances;
}

/** Drops the least value and puts `value` in its place in order. */
function insertAscending(values: Float64Array, value: number): void {
  let at = 0;
  while (at + 1 < values.length && (values[at + 1] as number) < value) {
    values[at] = values[at + 1] as number;
    at++;
  }
  values[at] = value;
}
