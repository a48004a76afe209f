import type { Table } from 'apache-arrow';
import { type Encoder, encodeRows, takeRows } from '../../encode/index.js';
import { type Matrix, multiply, seededRandom } from '../../linear/index.js';
import { neutralRows } from './neutral.js';
import type { ItemSpace } from './space.js';

/** A model that has not learnt from the rows, as far as their items go. */
export interface BlindModel {
  readonly encoder: Encoder;
  /** dims × classes. */
  readonly weights: Matrix;
}

/** Rows to judge items by. */
export interface Evidence {
  readonly space: ItemSpace;
  readonly table: Table;
  /** Row of the table → class. */
  readonly labels: Int32Array;
  /** Rows that carry none of the items. */
  readonly others: Int32Array;
}

export interface Contradiction {
  /** Mean rank of the carriers' class score among rows of other classes, once the items are taken away. */
  readonly rank: number;
  /** An upper bound of it. */
  readonly bound: number;
  /** Of the carriers, those that look like another class without the items. */
  readonly contradicted: number;
  /** Their commonest other class. */
  readonly looksLike: number | null;
  /** Carriers that were looked at. */
  readonly rows: number;
  readonly spread: number;
}

/** How the labels of the rows at `carriers`, all of class `target`, fit a model that cannot see their items. */
export function contradict(
  model: BlindModel,
  { space, table, labels, others }: Evidence,
  items: readonly number[],
  carriers: Int32Array,
  target: number,
): Contradiction {
  const random = seededRandom(`${items[0]}`);
  const donors = Int32Array.from(carriers, () => others[Math.floor(random() * others.length)] as number);
  const features = encodeRows(model.encoder, neutralRows(space, table, items, carriers, donors)).features;
  const scores = multiply(features, model.weights);
  const strangers = others.filter((row) => labels[row] !== target && (labels[row] as number) >= 0);
  const strangerScores = multiply(encodeRows(model.encoder, takeRows(table, strangers)).features, model.weights);
  const reference = Float64Array.from(strangers, (_, i) => strangerScores.data[i * scores.cols + target] as number).sort();
  const ranks = Array.from(carriers, (_, i) => rankOf(reference, scores.data[i * scores.cols + target] as number));
  const rank = ranks.reduce((sum, one) => sum + one, 0) / ranks.length;
  const variance = ranks.reduce((sum, one) => sum + (one - rank) ** 2, 0) / Math.max(1, ranks.length - 1);
  const called = Array.from(carriers, (_, i) => largest(scores, i));
  const mates = others.filter((row) => labels[row] === target);
  const spread = mates.length < 5 ? NaN : meanSimilarity(features) - meanSimilarity(encodeRows(model.encoder, takeRows(table, mates)).features);
  return {
    rank,
    bound: rank + (2 * Math.max(Math.sqrt(variance), 0.05)) / Math.sqrt(ranks.length),
    contradicted: called.filter((one) => one !== target).length,
    looksLike: commonest(called.filter((one) => one !== target)),
    rows: ranks.length,
    spread,
  };
}

function meanSimilarity({ data, rows, cols }: Matrix): number {
  const sum = new Float64Array(cols);
  let squares = 0;
  for (let row = 0; row < rows; row++) {
    for (let d = 0; d < cols; d++) {
      const value = data[row * cols + d] as number;
      sum[d] = (sum[d] as number) + value;
      squares += value * value;
    }
  }
  const total = sum.reduce((all, value) => all + value * value, 0);
  return (total - squares) / Math.max(1, rows * (rows - 1)) - 0 * squares;
}

function rankOf(ascending: Float64Array, score: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) < score) low = middle + 1;
    else high = middle;
  }
  return ascending.length === 0 ? 1 : low / ascending.length;
}

function largest({ data, cols }: Matrix, row: number): number {
  let best = 0;
  for (let c = 1; c < cols; c++) {
    if ((data[row * cols + c] as number) > (data[row * cols + best] as number)) best = c;
  }
  return best;
}

function commonest(values: readonly number[]): number | null {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([a, rowsA], [b, rowsB]) => rowsB - rowsA || a - b)[0]?.[0] ?? null;
}
