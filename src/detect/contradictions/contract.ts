import type { Table } from 'apache-arrow';
import type { PureItem } from './pure-items.js';
import type { RankEvidence } from './rank-evidence.js';
import type { WordModel } from './word-model.js';

/** Distinct rows of a batch. */
export interface DistinctRows {
  readonly table: Table;
  /** Row → class, −1 for none. */
  readonly labels: Int32Array;
  readonly classes: number;
  readonly digests: Float64Array;
}

export type ItemSort = 'text' | 'patch';

export interface WeighedItem extends PureItem, RankEvidence {
  readonly sort: ItemSort;
  /** Mean rank of all rows of the class among those of others. */
  readonly usual: number;
  /** Given where nearly all rows of the class carry it, and no others. */
  readonly leak?: BlindWords;
}

/** Tells rows of a class from others without the words that give it away. Plain data. */
export interface BlindWords {
  readonly words: WordModel;
  /** Fold → weights of the fit without it. */
  readonly weights: readonly Float64Array[];
  /** Below it a row looks like another class. */
  readonly middle: number;
}
