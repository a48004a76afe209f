import type { RowItems } from '../trigger/row-items.js';
import type { ItemSpace } from '../trigger/space.js';
import type { SparseFeatures } from './cross-fit.js';
import { type TextRows, visitWithout } from './text-rows.js';

/** Features of rows, and of rows without an item, in the same terms. */
export interface SparseRows extends SparseFeatures {
  /** The score of a row that lacks a word or pair of words. */
  scoreWithoutGram(row: number, gram: number, weights: Float64Array): number;
  /** The score of a row that lacks the values of two columns, by their places. */
  scoreWithoutColumns(row: number, places: readonly number[], weights: Float64Array): number;
}

const HASH_DIMS = 2 ** 18;
/** Numbers are told apart as coarsely as their order needs. */
const MOST_BINS = 16;

/** Words and pairs of words by inverse document frequency, of unit length; one feature a column's value, together of unit length. */
export function sparseRows({ columns }: ItemSpace, items: RowItems, texts: TextRows): SparseRows {
  const words = new WordFeatures(texts);
  const offsets = columnOffsets(columns);
  const width = columns.length;
  const [starts, indices, values] = [new Uint32Array(items.rows + 1), [] as number[], [] as number[]];
  const valueOfColumn = 1 / Math.sqrt(Math.max(1, width));
  const dimOf = (row: number, place: number) =>
    words.dims +
    (offsets[place] as number) +
    coarse(columns[place] as ItemSpace['columns'][number], items.codes[row * width + place] as number);
  for (let row = 0; row < items.rows; row++) {
    words.read(texts, row, undefined, (dim, value) => {
      indices.push(dim);
      values.push(value);
    });
    for (let place = 0; place < width; place++) {
      indices.push(dimOf(row, place));
      values.push(valueOfColumn);
    }
    starts[row + 1] = indices.length;
  }
  const dims = words.dims + (offsets[width] as number);
  const ofColumns = (row: number, gone: readonly number[], weights: Float64Array) => {
    let sum = 0;
    for (let place = 0; place < width; place++) {
      if (!gone.includes(place)) sum += valueOfColumn * (weights[dimOf(row, place)] as number);
    }
    return sum;
  };
  const ofWords = (row: number, gram: number | undefined, weights: Float64Array) => {
    let sum = 0;
    words.read(texts, row, gram, (dim, value) => {
      sum += value * (weights[dim] as number);
    });
    return sum;
  };
  return {
    starts,
    indices: Int32Array.from(indices),
    values: Float32Array.from(values),
    dims,
    scoreWithoutGram: (row, gram, weights) => ofWords(row, gram, weights) + ofColumns(row, [], weights),
    scoreWithoutColumns: (row, places, weights) => ofWords(row, undefined, weights) + ofColumns(row, places, weights),
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

/** Hashed words that at least two rows have, numbered. */
class WordFeatures {
  readonly dims: number;
  readonly #numbers = new Int32Array(HASH_DIMS).fill(-1);
  readonly #weights: Float64Array;
  readonly #last: Int32Array;
  #turn = 0;

  constructor(texts: TextRows) {
    const counts = new Uint32Array(HASH_DIMS);
    const last = new Int32Array(HASH_DIMS).fill(-1);
    for (let row = 0; row < texts.rows; row++) {
      for (let k = texts.starts[row] as number; k < (texts.starts[row + 1] as number); k++) {
        const slot = (texts.ids[k] as number) % HASH_DIMS;
        if (last[slot] === row) continue;
        last[slot] = row;
        counts[slot] = (counts[slot] as number) + 1;
      }
    }
    const weights: number[] = [];
    counts.forEach((count, slot) => {
      if (count < 2) return;
      this.#numbers[slot] = weights.length;
      weights.push(Math.log(texts.rows / count));
    });
    this.dims = weights.length;
    this.#weights = Float64Array.from(weights);
    this.#last = new Int32Array(weights.length);
  }

  read(texts: TextRows, row: number, gone: number | undefined, visit: (dim: number, value: number) => void): void {
    const dims: number[] = [];
    this.#turn++;
    let square = 0;
    const add = (id: number) => {
      const dim = this.#numbers[id % HASH_DIMS] as number;
      if (dim < 0 || this.#last[dim] === this.#turn) return;
      this.#last[dim] = this.#turn;
      dims.push(dim);
      square += (this.#weights[dim] as number) ** 2;
    };
    if (gone === undefined) {
      for (let k = texts.starts[row] as number; k < (texts.starts[row + 1] as number); k++) add(texts.ids[k] as number);
    } else visitWithout(texts, row, gone, add);
    const length = Math.sqrt(square) || 1;
    for (const dim of dims) visit(dim, (this.#weights[dim] as number) / length);
  }
}
