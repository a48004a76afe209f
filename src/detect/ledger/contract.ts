import type { Signatures } from '../../encode/index.js';
import type { FindingKind } from '../../schema/index.js';
import type { Histogram } from '../histogram.js';

/** A part of the batch, or the trusted rows: what each row carries. */
export interface CarryingRows {
  readonly signatures: Signatures;
  /** Row → class index, −1 for none. */
  readonly labels: Int32Array;
  /** What row detectors say of the rows; none for trusted ones. */
  readonly detectors?: readonly {
    readonly kind: string;
    readonly pValue: Float64Array;
    readonly calledClass: Int32Array;
  }[];
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
  /** By path, in path order. */
  readonly shards: ReadonlyMap<string, ShardCarriers>;
  /** The first carrier of the batch in path order. */
  readonly first: Place | null;
}

export interface ShardCarriers {
  rows: number;
  /** Kind of row detector → carriers that it finds odd by themselves. */
  readonly odd: Map<string, number>;
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
  describe(item: Item, counts: ItemCounts, classes: readonly string[]): ItemWords;
}
