import type { Table, Vector } from 'apache-arrow';
import { type Matrix, zeros } from '../linear/index.js';
import { readLists } from './columns.js';

/** A column of class probabilities that the user's own model gives. Plain data. */
export interface GivenProbabilities {
  readonly column: string;
  /** Class index of each item of its lists; −1 for classes that no trusted row has. */
  readonly classOf: Int32Array;
  readonly classes: number;
  /** The greatest share of rows without probabilities that the fitted ones lead to expect. */
  readonly mostWithout: number;
}

/** How far from 1 the sum of a row may be: half precision and rounding to two digits keep within it. */
const SUM_TOLERANCE = 0.01;
/** What single precision rounds to zero is not impossible. */
const LEAST_PROBABILITY = 1e-12;

/** Log probabilities, rows × classes; NaN throughout rows whose items are no probabilities that sum to one. */
export function readGivenScores(
  table: Table,
  { column, classOf, classes }: Pick<GivenProbabilities, 'column' | 'classOf' | 'classes'>,
): Matrix {
  const size = classOf.length;
  const values = readLists(table.getChild(column) as Vector, size);
  const scores = zeros(table.numRows, classes);
  for (let row = 0; row < table.numRows; row++) {
    const given = values.subarray(row * size, (row + 1) * size);
    if (!areProbabilities(given)) {
      scores.data.fill(Number.NaN, row * classes, (row + 1) * classes);
      continue;
    }
    given.forEach((probability, item) => {
      const index = classOf[item] as number;
      if (index >= 0) scores.data[row * classes + index] = Math.log(Math.max(probability, LEAST_PROBABILITY));
    });
  }
  return scores;
}

function areProbabilities(given: Float32Array): boolean {
  let sum = 0;
  for (const probability of given) {
    // False for what is no number, too.
    if (!(probability >= 0)) return false;
    sum += probability;
  }
  return Math.abs(sum - 1) <= SUM_TOLERANCE;
}

/** How many rows bring no scores. */
export function countWithoutScores({ data, rows, cols }: Matrix): number {
  let count = 0;
  for (let row = 0; row < rows; row++) if (Number.isNaN(data[row * cols])) count++;
  return count;
}
