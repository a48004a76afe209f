import { addToHistogram } from '../histogram.js';
import { carriedItems, indexItems } from './carriers.js';
import { clusterSignatures } from './cluster.js';
import type { CarryingRows, Item, ItemCounts, Kin, LedgerShard, Place, SignedRows } from './contract.js';
import { CopyTable } from './copy-table.js';
import { countCopies } from './count-copies.js';
import { countKin } from './count-kin.js';
import { CountingFilter, MOST_COUNT } from './counting-filter.js';
import { rowCount, type VisitAll, visitor } from './visit.js';

/** Fewer equal rows are what sending a file again makes: they are no flood, and testing for them would cost power. */
export const LEAST_COPIES = 5;
/** Near copies that share a signature are a part of their flood: a third at least, as bands are made. */
const SHARE_OF_ITEM = 1 / 3;
/** Beyond so many, the smaller groups are left out, among trusted and batch rows alike. */
const MOST_CANDIDATES = 2 ** 16;
/** Without trusted rows: fewer copies are no flood, wherever they are. */
export const LEAST_ALONE = 30;
/** Groups of up to twice the size that a test of one item can reject at all also count together. */
const MOST_REPEATED = 2;

/**
 * Counts the items of a batch against all trusted rows, in memory that does not grow with the rows: shards are read
 * one after the other, a second time only where rows have something in common. The outcome does not depend on the order
 * of shards, and before the last step batch and trusted rows are treated alike: given the items, carriers are
 * exchangeable. Without trusted rows the items of the batch alone are counted.
 * `level`: items that could not reach it are not counted.
 */
export async function countItems(
  shards: readonly LedgerShard[],
  trusted: SignedRows,
  level: number,
): Promise<ItemCounts> {
  const ordered = [...shards].sort((a, b) => (a.path < b.path ? -1 : 1));
  const visitAll = visitor(ordered, trusted);
  const trustedRows = rowCount(trusted.signatures);
  const rows = shards.reduce((sum, shard) => sum + shard.rows, 0);
  const possible = trustedRows === 0 ? LEAST_ALONE : leastTotal(rows, trustedRows, level);
  const least = Math.max(LEAST_COPIES, Math.ceil(SHARE_OF_ITEM * possible));
  const first = await countSignatures(visitAll, trustedRows + rows, least);
  const most = Math.max(least, Math.ceil(MOST_REPEATED * Math.min(possible, rows)));
  const counts = {
    rows,
    trustedRows,
    ...groupSizes(first.table, trustedRows),
    copies: await countCopies(visitAll, first.table, { rows, trustedRows, most }),
    shardRows: new Map(ordered.map((shard) => [shard.path, shard.rows])),
  };
  const enough = Math.min(least, MOST_COUNT);
  const none = { ...counts, items: [], leastTotal: least, sourceRows: new Map<string, number>() };
  if (first.highest < enough || least > rows + trustedRows) return none;
  const candidates = await countCandidates(visitAll, first.filter, least);
  const visitSome = visitor(
    ordered.filter(({ path }) => candidates.paths.has(path)),
    trusted,
  );
  const all = await clusterSignatures(candidates.totals, (visit) => visitSome(({ signatures }) => visit(signatures)));
  const clusters = all.filter((signatures) => areCopies(signatures, candidates.digests));
  if (clusters.length === 0) return { ...none, leastTotal: candidates.least };
  const kin = await countKin(visitAll, clusters, candidates.digests);
  const opened = clusters.map((signatures, item) => startItem(signatures, kin[item] as Kin));
  const counted = await countCarriers(ordered, trusted, opened, trustedRows === 0 ? null : candidates.paths);
  return { ...counts, ...counted, leastTotal: candidates.least };
}

/** All signatures roughly and all digests, the first signature of each row, exactly. `all` rows are expected. */
async function countSignatures(visitAll: VisitAll, all: number, least: number) {
  const table = new CopyTable(all);
  let filter: CountingFilter | undefined;
  let highest = 0;
  await visitAll(({ signatures }, shard) => {
    const { perRow, values } = signatures;
    filter ??= new CountingFilter(all * perRow, least);
    highest = Math.max(highest, filter.addAll(values));
    for (let at = 0; at < values.length; at += perRow) table.add(values[at] as number, shard === null);
  });
  return { table, filter: filter ?? new CountingFilter(0), highest };
}

/**
 * Rows that are copies share more than a single band: where no second one is mostly theirs, the rows have but a phrase in
 * common, such as the footer of short messages, which outweighs the words that differ in one band or another.
 */
function areCopies([first, second]: readonly number[], digests: ReadonlySet<number>): boolean {
  return second !== undefined || (first !== undefined && digests.has(first));
}

/** Signatures that `least` rows or more have, which of them are digests, and where they are. */
async function countCandidates(visitAll: VisitAll, filter: CountingFilter, least: number) {
  const enough = Math.min(least, MOST_COUNT);
  const totals = new Map<number, number>();
  const digests = new Set<number>();
  const paths = new Set<string>();
  await visitAll(({ signatures: { perRow, values } }, shard) => {
    const places = filter.placesOf(values, enough);
    for (const at of places) {
      const signature = values[at] as number;
      totals.set(signature, (totals.get(signature) ?? 0) + 1);
      if (at % perRow === 0) digests.add(signature);
    }
    if (shard !== null && places.length > 0) paths.add(shard.path);
  });
  return { ...keepLargest(totals, least), digests, paths };
}

/** `paths`: shards in which there are carriers; null to read all of them for the sake of their sources. */
async function countCarriers(
  shards: readonly LedgerShard[],
  trusted: SignedRows,
  items: readonly OpenItem[],
  paths: ReadonlySet<string> | null,
): Promise<Pick<ItemCounts, 'items' | 'sourceRows'>> {
  const index = indexItems(items.map(({ signatures }) => signatures));
  for (let row = 0; row < trusted.labels.length; row++) {
    for (const item of carriedItems(index, trusted.signatures, row)) addTrusted(items[item] as OpenItem, trusted, row);
  }
  const sourceRows = new Map<string, number>();
  for (const shard of shards) {
    if (paths?.has(shard.path) === false) continue;
    const rows = await shard.read();
    if (paths === null) countSources(sourceRows, rows, shard.sources);
    for (let row = 0; row < rows.labels.length; row++) {
      for (const item of carriedItems(index, rows.signatures, row))
        addCarrier(items[item] as OpenItem, rows, row, shard);
    }
  }
  return { items, sourceRows };
}

function countSources(into: Map<string, number>, { sourceOf }: CarryingRows, sources: readonly string[]): void {
  for (const source of sourceOf) {
    const name = sources[source];
    if (name !== undefined) into.set(name, (into.get(name) ?? 0) + 1);
  }
}

/** The least number of carriers, batch and trusted rows together, that can reject at all: when every one is of the batch. */
function leastTotal(rows: number, trustedRows: number, level: number): number {
  let chance = 1;
  for (let total = 0; total < rows; total++) {
    if (chance <= level) return total;
    chance *= (rows - total) / (rows + trustedRows - total);
  }
  return chance <= level ? rows : Infinity;
}

/** Of trusted rows. */
function groupSizes(table: CopyTable, rows: number): Pick<ItemCounts, 'usualCopies' | 'mostTrustedCopies'> {
  let [others, most] = [0, Math.min(1, rows)];
  for (const { trustedRows } of table.groups()) {
    others += trustedRows * (trustedRows - 1);
    most = Math.max(most, trustedRows);
  }
  return { usualCopies: 1 + (table.every * others) / Math.max(1, rows), mostTrustedCopies: most };
}

function keepLargest(totals: ReadonlyMap<number, number>, least: number) {
  const sizes = [...totals.values()].filter((total) => total >= least);
  const cut = sizes.length <= MOST_CANDIDATES ? least : 1 + (sizes.sort((a, b) => b - a)[MOST_CANDIDATES] ?? 0);
  return { least: cut, totals: new Map([...totals].filter(([, total]) => total >= cut)) };
}

interface OpenItem extends Item {
  rows: number;
  trustedRows: number;
  readonly shards: Map<string, number>;
  readonly sources: Map<string, number>;
  first: Place | null;
}

function startItem(signatures: readonly number[], kin: Kin): OpenItem {
  const counts = { labels: new Map(), trustedLabels: new Map(), called: new Map() };
  return { signatures, rows: 0, trustedRows: 0, ...counts, shards: new Map(), sources: new Map(), first: null, kin };
}

function addTrusted(item: OpenItem, { labels }: SignedRows, row: number): void {
  item.trustedRows++;
  addToHistogram(item.trustedLabels, labels[row] as number);
}

function addCarrier(item: OpenItem, rows: CarryingRows, row: number, { path, sources }: LedgerShard): void {
  item.rows++;
  item.first ??= { shard: path, row };
  item.shards.set(path, (item.shards.get(path) ?? 0) + 1);
  addToHistogram(item.labels, rows.labels[row] as number);
  const source = sources[rows.sourceOf[row] as number];
  if (source !== undefined) item.sources.set(source, (item.sources.get(source) ?? 0) + 1);
  for (const { calledClass } of rows.detectors) {
    if (calledClass.length > 0) addToHistogram(item.called, calledClass[row] as number);
  }
}
