import type { Signatures } from '../../encode/index.js';
import type { FindingKind } from '../../schema/index.js';
import type { Histogram } from '../histogram.js';

/** A part of the batch, or the trusted rows: what each row carries. */
export interface SignedRows {
  readonly signatures: Signatures;
  /** Row → class index, −1 for none. */
  readonly labels: Int32Array;
}

/** The same with what else is known of the rows. */
export interface CarryingRows extends SignedRows {
  /** Row → index into the shard's sources, −1 for none. */
  readonly sourceOf: Int32Array;
  readonly detectors: readonly { readonly calledClass: Int32Array }[];
}

/** A shard whose rows are read when they are wanted. */
export interface LedgerShard {
  readonly path: string;
  readonly rows: number;
  readonly sources: readonly string[];
  /** Quickly, what every pass over the rows needs. */
  readSigned(): Promise<SignedRows>;
  read(): Promise<CarryingRows>;
}

/** Where a row stands. */
export interface Place {
  /** Path within the batch. */
  readonly shard: string;
  readonly row: number;
}

/** Something that several rows carry: one signature, or several that mostly the same rows carry. Plain data. */
export interface Item {
  /** A row carries the item when it has two of them, or the only one. */
  readonly signatures: readonly number[];
  /** Carriers in the batch. */
  readonly rows: number;
  readonly trustedRows: number;
  /** Carriers by class; −1 for none. */
  readonly labels: Histogram;
  readonly trustedLabels: Histogram;
  /** Batch carriers by the class that a model gives them. */
  readonly called: Histogram;
  /** Path → carriers, in path order. */
  readonly shards: ReadonlyMap<string, number>;
  /** Source → carriers. */
  readonly sources: ReadonlyMap<string, number>;
  /** The first carrier of the batch in path order. */
  readonly first: Place | null;
  readonly kin: Kin;
}

/** Rows that are like the carriers of an item in one word, near copies or not; none where some carriers are exact copies. */
export interface Kin {
  readonly rows: number;
  readonly trustedRows: number;
}

/** Rows in groups of copies of one sort. */
export interface CopyRows {
  /** Of the batch. */
  readonly rows: number;
  readonly trustedRows: number;
  /**
   * How many times as much as rows dealt out one by one the groups vary in how they fall on the batch and the trusted
   * rows; 1 at least.
   */
  readonly spread: number;
  /** Path → rows, in path order. */
  readonly shards: ReadonlyMap<string, number>;
  /** Of the groups that are more frequent in the batch than among the trusted rows, signatures that point at rows. */
  readonly digests: readonly number[];
}

/** Groups of equal rows, small ones too. */
export interface CopyCounts {
  /** Rows that two rows or more of their kind equal, in groups that are no items of themselves. */
  readonly repeated: CopyRows;
  /** Rows with a label that at most half of the rows have which equal them. */
  readonly contradicted: CopyRows;
  /** Rows with a label that fewer than half of their trusted copies have. */
  readonly belied: BeliedRows;
  /** Labelled rows that have a copy with a label. */
  readonly copied: Pick<CopyRows, 'rows' | 'trustedRows'>;
}

export interface BeliedRows extends CopyRows {
  /** Of each group one row of the batch, the first, and two trusted ones at most. */
  readonly ofGroups: CopyRows;
  /** Path → row numbers, ascending. */
  readonly listed: ReadonlyMap<string, readonly number[]>;
  /** Rows of the batch that could be belied: with trusted copies. */
  readonly vouched: number;
  /** Trusted rows with other trusted copies. */
  readonly amongTrusted: Disagreement;
}

/** How many of some rows would be belied by any one of their copies. */
interface Disagreement {
  readonly rows: number;
  /** Sum over the rows of the share of copies that have another label. */
  readonly belied: number;
}

/** What was counted of a batch and of all trusted rows. */
export interface ItemCounts {
  /** Of the batch. */
  readonly rows: number;
  readonly trustedRows: number;
  /** Those with `leastTotal` carriers or more, batch and trusted rows together. */
  readonly items: readonly Item[];
  readonly leastTotal: number;
  /** How many trusted rows equal a trusted row, itself included, on average. */
  readonly usualCopies: number;
  /** Of the trusted rows, the largest group of equal ones. */
  readonly mostTrustedCopies: number;
  readonly copies: CopyCounts;
  /** Path → rows. */
  readonly shardRows: ReadonlyMap<string, number>;
  /** Source → rows; empty where no item was counted. */
  readonly sourceRows: ReadonlyMap<string, number>;
}

/** Of copies of one sort, what `CopyCounts` calls them. */
export type CopySort = 'repeated' | 'contradicted' | 'belied';

/** Where the copies of an item gather, without trusted rows to compare with. */
export interface Gathering {
  readonly scope: 'shard' | 'source';
  readonly name: string;
  readonly rows: number;
  readonly expected: number;
}

/** What a finding about an item has to say. */
export interface ItemWords {
  readonly subject: string;
  /** One sentence or more. */
  readonly summary: string;
}

/**
 * A ledger detector: counts what rows have in common, over the whole batch and against all trusted rows, instead of
 * scoring row by row.
 */
export interface LedgerDetector {
  readonly kind: FindingKind;
  /** MITRE ATLAS, OWASP and NIST identifiers. */
  readonly references: readonly string[];
  /** Batch carriers beyond what the trusted rows let expect, at least so many, or an item is no finding whatever its p-value. */
  leastExcess(counts: ItemCounts): number;
  /** `gathered`: given without trusted rows. */
  describe(item: Item, counts: ItemCounts, classes: readonly string[], gathered?: Gathering): ItemWords;
  /** Many groups together that are no items of themselves. */
  describeCopies(sort: CopySort, counts: ItemCounts): ItemWords;
}
