import type { RowItems } from '../trigger/row-items.js';
import type { ItemSpace } from '../trigger/space.js';
import type { SparseFeatures } from './cross-fit.js';
import { type TextRows, visitWithout } from './text-rows.js';
import { type WordModel, wordReader } from './word-model.js';

/** Features of rows, and of rows without an item, in the same terms. */
export interface SparseRows extends SparseFeatures {
  /** The score of a row, without some words or pairs of words if any are given. */
  scoreOf(row: number, gone: ReadonlySet<number> | undefined, weights: Float64Array): number;
}

/** Numbers are told apart as coarsely as their order needs. */
const MOST_BINS = 16;

/** Words and pairs of words by inverse document frequency, of unit length; one feature a column's value, together of unit length. */
export function sparseRows({ columns }: ItemSpace, items: RowItems, texts: TextRows, words: WordModel): SparseRows {
  const read = wordReader(words);
  const offsets = columnOffsets(columns);
  const width = columns.length;
  const [starts, indices, values] = [new Uint32Array(items.rows + 1), [] as number[], [] as number[]];
  const valueOfColumn = 1 / Math.sqrt(Math.max(1, width));
  const dimOf = (row: number, place: number) =>
    words.weights.length +
    (offsets[place] as number) +
    coarse(columns[place] as ItemSpace['columns'][number], items.codes[row * width + place] as number);
  for (let row = 0; row < items.rows; row++) {
    read(
      (visit) => visitWithout(texts, row, undefined, visit),
      (dim, value) => {
        indices.push(dim);
        values.push(value);
      },
    );
    for (let place = 0; place < width; place++) {
      indices.push(dimOf(row, place));
      values.push(valueOfColumn);
    }
    starts[row + 1] = indices.length;
  }
  const dims = words.weights.length + (offsets[width] as number);
  return {
    starts,
    indices: Int32Array.from(indices),
    values: Float32Array.from(values),
    dims,
    scoreOf: (row, gone, weights) => {
      let sum = 0;
      read(
        (visit) => visitWithout(texts, row, gone, visit),
        (dim, value) => {
          sum += value * (weights[dim] as number);
        },
      );
      for (let place = 0; place < width; place++) sum += valueOfColumn * (weights[dimOf(row, place)] as number);
      return sum;
    },
  };
}

function coarse({ ends, codes }: ItemSpace['columns'][number], code: number): number {
  if (ends.length <= MOST_BINS || code === codes - 1)
    return Math.min(code, ends.length <= MOST_BINS ? code : MOST_BINS);
  return Math.floor((code * MOST_BINS) / (ends.length + 1));
}

/** Place → its first feature; at the end the number of features. */
function columnOffsets(columns: ItemSpace['columns']): number[] {
  const offsets = [0];
  for (const column of columns) {
    const own = column.ends.length <= MOST_BINS ? column.codes : MOST_BINS + 1;
    offsets.push((offsets.at(-1) as number) + own);
  }
  return offsets;
}
