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
  /** Given where there are trusted rows: do they carry an item about as often as so many of these rows do? */
  readonly isUsual?: IsUsual;
  /** Given where there is a better model than one of pixels: what it takes rows for, by the digests of the rows that they were. */
  readonly call?: (rows: Table, digests: Float64Array) => Int32Array;
}

export type IsUsual = (item: number, carriers: number) => boolean;

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

/** What each way to build a sentence says for a class, as log odds. Plain data. */
export interface SyntaxModel {
  /** Ascending. */
  readonly ids: Float64Array;
  readonly odds: Float64Array;
  /** Rows of the class from it on are built as those of others seldom are. */
  readonly least: number;
}

/** An item whose carriers have one label, which contradicts all else in them. Plain data. */
export interface Suspect {
  /** A hash, or −1 − its cell. */
  readonly item: number;
  readonly target: number;
  readonly subject: string;
  /** Paid for by all items that were weighed with it. */
  readonly pValue: number;
  /** True for what counts only beside a suspect of the same target that stands by itself. */
  readonly isBeside: boolean;
  /** Carriers of the target that were looked at, and those of them that look like another class. */
  readonly rows: number;
  readonly contradicted: number;
  /** Given where nearly all rows of the target carry it and no others: labels then follow from it, whatever rows are. */
  readonly leak?: BlindWords;
  /** Given where it is no item but how texts are built. */
  readonly syntax?: SyntaxModel;
}

export type SyntaxSuspect = Suspect & Required<Pick<Suspect, 'syntax'>>;
