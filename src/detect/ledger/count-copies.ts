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

/**
 * Counts the rows that have copies, those of many small groups and those whose copies contradict their labels. Whether
 * a row counts depends on all rows together, batch and trusted ones alike: given who equals whom, which of the counted
 * rows are in the batch is chance. `table`: every row's digest, counted.
 */
export async function countCopies(visitAll: VisitAll, table: CopyTable, sizes: Sizes): Promise<CopyCounts> {
  const isRepeated = (rows: number) => rows >= LEAST_REPEATED && rows <= sizes.most;
  const share = sizes.trustedRows / (sizes.rows + sizes.trustedRows);
  const repeated = new OpenCopyRows(sizes);
  const contradicted = new OpenCopyRows(sizes);
  const copied = { rows: 0, trustedRows: 0 };
  let pairs = 0;
  for (const group of table.groups()) {
    pairs += group.rows;
    if (isRepeated(group.rows)) repeated.addGroup(group, share);
    contradicted.addSpread(group, share);
  }
  if (pairs === 0) return { repeated: repeated.close(), contradicted: contradicted.close(), copied };
  const labelled = new CopyTable(2 * pairs);
  await visitAll((signed, shard) => {
    visitCopies(signed, table, (digest, rows, label) => {
      if (label >= 0) {
        labelled.add(withLabel(digest, label));
        labelled.add(withLabel(digest, ANY_LABEL));
      }
      if (shard !== null && isRepeated(rows)) repeated.addRow(shard.path, digest, rows, table.trustedRowsOf(digest));
    });
  });
  await visitAll((signed, shard) => {
    visitCopies(signed, table, (digest, rows, label) => {
      if (label < 0) return;
      const all = labelled.rowsOf(withLabel(digest, ANY_LABEL));
      if (all < 2) return;
      if (shard === null) copied.trustedRows++;
      else copied.rows++;
      if (2 * labelled.rowsOf(withLabel(digest, label)) > all) return;
      contradicted.count(shard === null);
      if (shard !== null) contradicted.addRow(shard.path, digest, rows, table.trustedRowsOf(digest));
    });
  });
  return { repeated: repeated.close(), contradicted: contradicted.close(), copied };
}

const ANY_LABEL = -1;

function withLabel(digest: number, label: number): number {
  const high = highHalf(digest);
  const salt = Math.imul(label + 2, 0x9e3779b1);
  return joinHalves(scramble(high ^ salt), scramble(lowHalf(digest, high) ^ ~salt));
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

  count(isTrusted: boolean): void {
    if (isTrusted) this.#trustedRows++;
    else this.#rows++;
  }

  addRow(path: string, digest: number, rows: number, trustedRows: number): void {
    this.#shards.set(path, (this.#shards.get(path) ?? 0) + 1);
    const expected = (trustedRows * this.sizes.rows) / Math.max(1, this.sizes.trustedRows);
    const isOwn = rows - trustedRows >= OWN_FACTOR * expected;
    if (isOwn && this.#digests.size < MOST_DIGESTS) this.#digests.add(digest);
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
