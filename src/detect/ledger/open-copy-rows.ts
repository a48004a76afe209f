import type { BeliedRows, CopyRows } from './contract.js';
import type { CopyGroup } from './copy-table.js';
import type { Others } from './label-table.js';

/** More digests than so many are not listed. */
const MOST_DIGESTS = 2 ** 20;
/** Rarer excesses alone are looked into, in standard deviations: what no test would reject needs no list. */
const LISTED_DEVIATIONS = 2;
/** Two trusted rows that belie each other are two, one beside a row of the batch is one. */
const BELIED_SPREAD = 2;
const MOST_TRUSTED_OF_GROUP = 2;

export interface Sizes {
  readonly rows: number;
  readonly trustedRows: number;
}

export interface CopiedRow {
  readonly digest: number;
  readonly row: number;
  /** To be listed, where there are too many. */
  readonly isSuspect: boolean;
}

/** Rows of one sort, while they are counted. */
export class OpenCopyRows {
  #rows = 0;
  #trustedRows = 0;
  #squares = 0;
  #variance = 0;
  readonly #shards = new Map<string, number>();
  readonly #digests = new Set<number>();

  constructor(readonly sizes: Sizes) {}

  addGroup(group: CopyGroup, share: number): void {
    this.#rows += group.rows - group.trustedRows;
    this.#trustedRows += group.trustedRows;
    this.addSpread(group, share);
  }

  addSpread({ rows, trustedRows }: CopyGroup, share: number): void {
    this.#squares += (trustedRows - rows * share) ** 2;
    this.#variance += rows * share * (1 - share);
  }

  /** Of the batch, where it has a path. */
  addLabelled(path: string | undefined, copied: CopiedRow): void {
    if (path === undefined) this.#trustedRows++;
    else {
      this.#rows++;
      this.addRow(path, copied);
    }
  }

  addRow(path: string, { digest, isSuspect }: CopiedRow): void {
    this.#shards.set(path, (this.#shards.get(path) ?? 0) + 1);
    if (isSuspect && !this.isFull) this.#digests.add(digest);
  }

  /** Is a row of the batch with this digest to be listed? */
  has(digest: number): boolean {
    return this.#digests.has(digest);
  }

  /** Then no more are listed. */
  get isFull(): boolean {
    return this.#digests.size >= MOST_DIGESTS;
  }

  close(): CopyRows {
    const { rows, trustedRows } = this.sizes;
    const excess = this.#rows - (this.#trustedRows * rows) / Math.max(1, trustedRows);
    const spread = this.#variance === 0 ? 1 : Math.max(1, this.#squares / this.#variance);
    const isListed = excess > LISTED_DEVIATIONS * Math.sqrt(this.#rows);
    return {
      rows: this.#rows,
      trustedRows: this.#trustedRows,
      spread,
      shards: this.#shards,
      digests: isListed ? [...this.#digests] : [],
    };
  }
}

/** Rows that their trusted copies belie. */
export class OpenBeliedRows {
  readonly #all: OpenCopyRows;
  readonly #ofGroups: OpenCopyRows;
  /** Digest → such trusted rows. */
  readonly #trustedOf = new Map<number, number>();
  readonly #listed = new Map<string, number[]>();
  readonly #amongTrusted = { rows: 0, belied: 0 };
  #vouched = 0;

  constructor(sizes: Sizes) {
    this.#all = new OpenCopyRows(sizes);
    this.#ofGroups = new OpenCopyRows(sizes);
  }

  /** `trusted`: those that equal the row. */
  addBeside(trusted: Others, path: string | undefined, copied: CopiedRow): void {
    if (trusted.rows === 0) return;
    if (path === undefined) {
      this.#amongTrusted.rows++;
      this.#amongTrusted.belied += (trusted.rows - trusted.alike) / trusted.rows;
    } else this.#vouched++;
    if (2 * trusted.alike >= trusted.rows) return;
    this.#all.addLabelled(path, copied);
    if (path === undefined) this.#addTrusted(copied);
    else this.#addBatch(path, copied);
  }

  #addTrusted(copied: CopiedRow): void {
    const before = this.#trustedOf.get(copied.digest) ?? 0;
    if (before === MOST_TRUSTED_OF_GROUP) return;
    if (this.#trustedOf.size < MOST_DIGESTS) this.#trustedOf.set(copied.digest, before + 1);
    this.#ofGroups.addLabelled(undefined, copied);
  }

  #addBatch(path: string, copied: CopiedRow): void {
    if (!this.#ofGroups.isFull) {
      const own = this.#listed.get(path) ?? [];
      own.push(copied.row);
      this.#listed.set(path, own);
    }
    if (!this.#ofGroups.has(copied.digest)) this.#ofGroups.addLabelled(path, copied);
  }

  close(): BeliedRows {
    const ofGroups = this.#ofGroups.close();
    return {
      ...this.#all.close(),
      digests: [],
      ofGroups: { ...ofGroups, spread: BELIED_SPREAD, digests: [] },
      listed: ofGroups.digests.length > 0 ? this.#listed : new Map(),
      vouched: this.#vouched,
      amongTrusted: this.#amongTrusted,
    };
  }
}
