import type { CopyCounts, SignedRows } from './contract.js';
import type { CopyTable } from './copy-table.js';
import { LabelTable } from './label-table.js';
import { OpenBeliedRows, OpenCopyRows, type Sizes } from './open-copy-rows.js';
import { rowCount, type VisitAll } from './visit.js';

/** A file that was sent twice makes pairs: what repeats is there three times or more. */
const LEAST_REPEATED = 3;
/** A group is the batch's own where it has so many times as many rows as the trusted rows let expect. */
const OWN_FACTOR = 2;

/**
 * Counts the rows that have copies, those of many small groups, those whose copies contradict their labels and those whose
 * trusted copies do. Whether a row counts depends on all rows together, batch and trusted ones alike: given who equals whom,
 * which of the counted rows are in the batch is chance. `table`: every row's digest, counted; `most`: larger groups are items of
 * themselves.
 */
export async function countCopies(
  visitAll: VisitAll,
  table: CopyTable,
  sizes: Sizes & { readonly most: number },
): Promise<CopyCounts> {
  const isRepeated = (rows: number) => rows >= LEAST_REPEATED && rows <= sizes.most;
  const share = sizes.trustedRows / (sizes.rows + sizes.trustedRows);
  const repeated = new OpenCopyRows(sizes);
  const contradicted = new OpenCopyRows(sizes);
  const belied = new OpenBeliedRows(sizes);
  const copied = { rows: 0, trustedRows: 0 };
  const close = (): CopyCounts => ({
    repeated: repeated.close(),
    contradicted: contradicted.close(),
    belied: belied.close(),
    copied,
  });
  const isOwn = (digest: number) => {
    const { rows, trustedRows } = table.countsOf(digest);
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
