import { highHalf, joinHalves, lowHalf, scramble } from '../../encode/index.js';
import type { BeliedRows, CopyCounts, CopyRows, SignedRows } from './contract.js';
import { type CopyGroup, CopyTable } from './copy-table.js';
import { rowCount, type VisitAll } from './visit.js';

/** A file that was sent twice makes pairs: what repeats is there three times or more. */
const LEAST_REPEATED = 3;
/** More digests than so many are not listed. */
const MOST_DIGESTS = 2 ** 20;
/** Rarer excesses alone are looked into, in standard deviations: what no test would reject needs no list. */
const LISTED_DEVIATIONS = 2;
/** A group is the batch's own where it has so many times as many rows as the trusted rows let expect. */
const OWN_FACTOR = 2;

interface Sizes {
  readonly rows: number;
  readonly trustedRows: number;
  /** Larger groups are items of themselves. */
  readonly most: number;
}

/** Two trusted rows that belie each other are two, one beside a row of the batch is one. */
const BELIED_SPREAD = 2;
const MOST_TRUSTED_OF_GROUP = 2;

/**
 * Counts the rows that have copies, those of many small groups, those whose copies contradict their labels and those whose
 * trusted copies do. Whether a row counts depends on all rows together, batch and trusted ones alike: given who equals whom,
 * which of the counted rows are in the batch is chance. `table`: every row's digest, counted.
 */
export async function countCopies(visitAll: VisitAll, table: CopyTable, sizes: Sizes): Promise<CopyCounts> {
  const isRepeated = (rows: number) => rows >= LEAST_REPEATED && rows <= sizes.most;
  const share = sizes.trustedRows / (sizes.rows + sizes.trustedRows);
  const repeated = new OpenCopyRows(sizes);
  const contradicted = new OpenCopyRows(sizes);
  const belied = new OpenBeliedRows(sizes);
  const copied = { rows: 0, trustedRows: 0 };
  const close = (): CopyCounts => ({
    repeated: repeated.close(),
    contradicted: contradicted.close(),
    belied: belied.closeBelied(),
    copied,
  });
  const isOwn = (digest: number) => {
    const { rows, trustedRows } = countsIn(table, digest);
    return rows >= (OWN_FACTOR * trustedRows * sizes.rows) / Math.max(1, sizes.trustedRows);
  };
  let pairs = 0;
  for (const group of table.groups()) {
    pairs += group.rows;
    if (isRepeated(group.rows)) repeated.addGroup(group, share);
    contradicted.addSpread(group, share);
  }
  if (pairs === 0) return close();
  const labels = new LabelTable(pairs);
  await visitAll((signed, shard) => {
    visitCopies(signed, table, (digest, row, label) => {
      if (label >= 0) labels.add(digest, label, shard === null);
      if (shard === null) return;
      if (isRepeated(table.rowsOf(digest))) repeated.addRow(shard.path, { digest, row, isSuspect: isOwn(digest) });
    });
  });
  await visitAll((signed, shard) => {
    visitCopies(signed, table, (digest, row, label) => {
      const equals = label < 0 ? undefined : labels.equalsOf(digest, label, shard === null);
      if (equals === undefined) return;
      if (shard === null) copied.trustedRows++;
      else copied.rows++;
      if (equals.contradict) contradicted.addLabelled(shard?.path, { digest, row, isSuspect: isOwn(digest) });
      belied.addBeside(equals.trusted, shard?.path, { digest, row, isSuspect: true });
    });
  });
  return close();
}

const ANY_LABEL = -1;

function withLabel(digest: number, label: number): number {
  const high = highHalf(digest);
  const salt = Math.imul(label + 2, 0x9e3779b1);
  return joinHalves(scramble(high ^ salt), scramble(lowHalf(digest, high) ^ ~salt));
}

/** Rows of the batch and trusted ones. */
function countsIn(table: CopyTable, key: number): Pick<CopyRows, 'rows' | 'trustedRows'> {
  const trustedRows = table.trustedRowsOf(key);
  return { rows: table.rowsOf(key) - trustedRows, trustedRows };
}

/** Labelled rows that equal a row, itself left out, and how many of them have its label. */
interface Others {
  readonly rows: number;
  readonly alike: number;
}

/** The label of a row beside those of its equals. */
interface Equals {
  /** At most half of all of them, itself counted, have it. */
  readonly contradict: boolean;
  readonly trusted: Others;
}

/** How many of equal rows have each label. */
class LabelTable {
  readonly #table: CopyTable;
  /** Of so many groups one is counted, with all its labels. */
  readonly #every: number;

  constructor(rows: number) {
    this.#every = CopyTable.everyOf(2 * rows);
    this.#table = new CopyTable(Math.ceil((2 * rows) / this.#every));
  }

  add(digest: number, label: number, isTrusted: boolean): void {
    if (!this.#isCounted(digest)) return;
    this.#table.add(withLabel(digest, label), isTrusted);
    this.#table.add(withLabel(digest, ANY_LABEL), isTrusted);
  }

  /** Undefined where a row has no equals that are labelled. */
  equalsOf(digest: number, label: number, isTrusted: boolean): Equals | undefined {
    if (!this.#isCounted(digest)) return undefined;
    const all = countsIn(this.#table, withLabel(digest, ANY_LABEL));
    const alike = countsIn(this.#table, withLabel(digest, label));
    const together = all.rows + all.trustedRows;
    if (together < 2) return undefined;
    const self = isTrusted ? 1 : 0;
    return {
      contradict: 2 * (alike.rows + alike.trustedRows) <= together,
      trusted: { rows: all.trustedRows - self, alike: alike.trustedRows - self },
    };
  }

  #isCounted(digest: number): boolean {
    return (highHalf(digest) & (this.#every - 1)) === 0;
  }
}

/** Visits the rows that equal another one, of the batch or trusted. */
function visitCopies(
  { signatures, labels }: SignedRows,
  table: CopyTable,
  visit: (digest: number, row: number, label: number) => void,
): void {
  const { perRow, values } = signatures;
  for (let row = 0, count = rowCount(signatures); row < count; row++) {
    const digest = values[row * perRow] as number;
    if (table.rowsOf(digest) > 1) visit(digest, row, labels[row] as number);
  }
}

interface CopiedRow {
  readonly digest: number;
  readonly row: number;
  /** To be listed, where there are too many. */
  readonly isSuspect: boolean;
}

class OpenCopyRows {
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
    if (isSuspect && this.#digests.size < MOST_DIGESTS) this.#digests.add(digest);
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

class OpenBeliedRows extends OpenCopyRows {
  readonly #ofGroups: OpenCopyRows;
  /** Digest → such trusted rows. */
  readonly #trustedOf = new Map<number, number>();
  readonly #inBatch = new Set<number>();
  readonly #listed = new Map<string, number[]>();
  readonly #amongTrusted = { rows: 0, belied: 0 };
  #vouched = 0;

  constructor(sizes: Sizes) {
    super(sizes);
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
    this.addLabelled(path, copied);
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
    if (this.#inBatch.size < MOST_DIGESTS) {
      const own = this.#listed.get(path) ?? [];
      own.push(copied.row);
      this.#listed.set(path, own);
    }
    if (this.#inBatch.has(copied.digest)) return;
    if (this.#inBatch.size < MOST_DIGESTS) this.#inBatch.add(copied.digest);
    this.#ofGroups.addLabelled(path, copied);
  }

  closeBelied(): BeliedRows {
    const ofGroups = this.#ofGroups.close();
    return {
      ...this.close(),
      digests: [],
      ofGroups: { ...ofGroups, spread: BELIED_SPREAD, digests: [] },
      listed: ofGroups.digests.length > 0 ? this.#listed : new Map(),
      vouched: this.#vouched,
      amongTrusted: this.#amongTrusted,
    };
  }
}
