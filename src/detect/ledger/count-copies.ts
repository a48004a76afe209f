import { highHalf, joinHalves, lowHalf, scramble } from '../../encode/index.js';
import type { CopyCounts, CopyRows, SignedRows } from './contract.js';
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

/** Two trusted rows that belie each other count twice, one beside a row of the batch does not. */
const BELIED_SPREAD = 2;

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
  const belied = new OpenCopyRows(sizes);
  const copied = { rows: 0, trustedRows: 0 };
  const vouched = { rows: 0, amongThemselves: 0, beliedThemselves: 0 };
  const close = (): CopyCounts => {
    const contradicting = contradicted.close();
    return {
      repeated: repeated.close(),
      contradicted: contradicting,
      belied: { ...belied.close(), spread: BELIED_SPREAD * contradicting.spread },
      copied,
      vouched,
    };
  };
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
  const labelled = new CopyTable(2 * pairs);
  await visitAll((signed, shard) => {
    visitCopies(signed, table, (digest, rows, label) => {
      if (label >= 0) {
        labelled.add(withLabel(digest, label), shard === null);
        labelled.add(withLabel(digest, ANY_LABEL), shard === null);
      }
      if (shard !== null && isRepeated(rows)) repeated.addRow(shard.path, digest, isOwn(digest));
    });
  });
  await visitAll((signed, shard) => {
    const isTrusted = shard === null;
    visitCopies(signed, table, (digest, _, label) => {
      const equals = label < 0 ? undefined : equalsOf(labelled, digest, label, isTrusted);
      if (equals === undefined) return;
      if (isTrusted) copied.trustedRows++;
      else copied.rows++;
      if (equals.contradict) contradicted.addLabelled(shard?.path, digest, isOwn(digest));
      if (equals.trusted.belie) belied.addLabelled(shard?.path, digest, true);
      if (!isTrusted && equals.trusted.rows > 0) vouched.rows++;
      if (equals.ofOneOrigin.rows > 0) vouched.amongThemselves++;
      if (equals.ofOneOrigin.belie) vouched.beliedThemselves++;
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

/** Labelled rows that equal a row, itself left out, and whether fewer than half of them have its label. */
interface Others {
  readonly rows: number;
  readonly belie: boolean;
}

/** The labels of a row beside those of its equals; undefined where it has none that are labelled. */
function equalsOf(labelled: CopyTable, digest: number, label: number, isTrusted: boolean) {
  const all = countsIn(labelled, withLabel(digest, ANY_LABEL));
  const alike = countsIn(labelled, withLabel(digest, label));
  const together = all.rows + all.trustedRows;
  if (together < 2) return undefined;
  const trusted = othersOf(all.trustedRows, alike.trustedRows, isTrusted);
  return {
    contradict: 2 * (alike.rows + alike.trustedRows) <= together,
    trusted,
    ofOneOrigin: isTrusted ? trusted : othersOf(all.rows, alike.rows, true),
  };
}

function othersOf(all: number, alike: number, isOneOfThem: boolean): Others {
  const self = isOneOfThem ? 1 : 0;
  return { rows: all - self, belie: 2 * (alike - self) < all - self };
}

/** Visits the rows that equal another one, of the batch or trusted. */
function visitCopies(
  { signatures, labels }: SignedRows,
  table: CopyTable,
  visit: (digest: number, rows: number, label: number) => void,
): void {
  const { perRow, values } = signatures;
  for (let row = 0, count = rowCount(signatures); row < count; row++) {
    const digest = values[row * perRow] as number;
    const rows = table.rowsOf(digest);
    if (rows > 1) visit(digest, rows, labels[row] as number);
  }
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
  addLabelled(path: string | undefined, digest: number, isSuspect: boolean): void {
    if (path === undefined) this.#trustedRows++;
    else {
      this.#rows++;
      this.addRow(path, digest, isSuspect);
    }
  }

  addRow(path: string, digest: number, isSuspect: boolean): void {
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
