import type { Signatures } from '../../encode/index.js';
import { addToHistogram } from '../histogram.js';
import { carriedItems, indexItems } from './carriers.js';
import { clusterSignatures } from './cluster.js';
import type { CarryingRows, Item, ItemCounts, Place, ShardCarriers } from './contract.js';
import { CountingFilter, MOST_COUNT } from './counting-filter.js';

/** A shard whose rows are read when they are wanted. */
export interface LedgerShard {
  readonly path: string;
  read(): Promise<CarryingRows>;
}

/** Fewer equal rows are what sending a file again makes: they are no flood, and testing for them would cost power. */
export const LEAST_COPIES = 5;
/** Near copies that share a signature are a part of their flood: a third at least, as bands are made. */
const SHARE_OF_ITEM = 1 / 3;
/** A row detector finds a row odd that is among its worst tenth: the widest tail that scopes are tested by. */
const ODD_P_VALUE = 0.1;
/** Beyond so many, the smaller groups are left out, among trusted and batch rows alike. */
const MOST_CANDIDATES = 2 ** 16;

/**
 * Counts the items of a batch against all trusted rows, in memory that does not grow with the rows: shards are read
 * one after the other, several times. The outcome does not depend on the order of shards, and before the last step
 * batch and trusted rows are treated alike: given the items, carriers are exchangeable.
 * `level`: items that could not reach it are not counted.
 */
export async function countItems(
  shards: readonly LedgerShard[],
  trusted: CarryingRows,
  level: number,
): Promise<ItemCounts> {
  const ordered = [...shards].sort((a, b) => (a.path < b.path ? -1 : 1));
  const visitAll: VisitAll = async (visit) => {
    visit(trusted, null);
    for (const { path, read } of ordered) visit(await read(), path);
  };
  let all = 0;
  await visitAll(({ signatures }) => {
    all += rowCount(signatures);
  });
  const trustedRows = rowCount(trusted.signatures);
  const rows = all - trustedRows;
  const least = Math.max(LEAST_COPIES, Math.ceil(SHARE_OF_ITEM * leastTotal(rows, trustedRows, level)));
  const sizes = { rows, trustedRows, ...groupSizes(trusted.signatures) };
  if (trustedRows === 0 || least > all) return { ...sizes, items: [], leastTotal: least };
  const totals = await countSignatures(visitAll, all * trusted.signatures.perRow, least);
  const candidates = keepLargest(totals, least);
  const clusters = await clusterSignatures(candidates.totals, (visit) =>
    visitAll(({ signatures }) => visit(signatures)),
  );
  return { ...sizes, items: await countCarriers(visitAll, clusters), leastTotal: candidates.least };
}

/** Visits trusted rows (under no path), then every shard in path order. */
type VisitAll = (visit: (rows: CarryingRows, path: string | null) => void) => Promise<void>;

/** Signatures that `least` rows or more have; `expected` are counted in all. */
async function countSignatures(visitAll: VisitAll, expected: number, least: number): Promise<Map<number, number>> {
  const filter = new CountingFilter(expected);
  await visitAll(({ signatures: { values } }) => {
    for (let at = 0; at < values.length; at++) filter.add(values[at] as number);
  });
  const enough = Math.min(least, MOST_COUNT);
  const totals = new Map<number, number>();
  await visitAll(({ signatures: { values } }) => {
    for (let at = 0; at < values.length; at++) {
      const signature = values[at] as number;
      if (filter.count(signature) >= enough) totals.set(signature, (totals.get(signature) ?? 0) + 1);
    }
  });
  return totals;
}

async function countCarriers(visitAll: VisitAll, clusters: readonly (readonly number[])[]): Promise<Item[]> {
  if (clusters.length === 0) return [];
  const index = indexItems(clusters);
  const items = clusters.map(startItem);
  await visitAll((own, path) => {
    for (let row = 0; row < rowCount(own.signatures); row++) {
      for (const item of carriedItems(index, own.signatures, row)) addCarrier(items[item] as OpenItem, own, row, path);
    }
  });
  return items;
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

function rowCount({ perRow, values }: Signatures): number {
  return values.length / perRow;
}

/** Of the first signature, which equal rows share. */
function groupSizes({ perRow, values }: Signatures): Pick<ItemCounts, 'usualCopies' | 'mostTrustedCopies'> {
  const sizes = new Map<number, number>();
  for (let at = 0; at < values.length; at += perRow) {
    const digest = values[at] as number;
    sizes.set(digest, (sizes.get(digest) ?? 0) + 1);
  }
  let [squares, most] = [0, 0];
  for (const size of sizes.values()) {
    squares += size * size;
    most = Math.max(most, size);
  }
  return { usualCopies: squares / Math.max(1, values.length / perRow), mostTrustedCopies: most };
}

function keepLargest(totals: ReadonlyMap<number, number>, least: number) {
  const sizes = [...totals.values()].filter((total) => total >= least);
  const cut = sizes.length <= MOST_CANDIDATES ? least : 1 + (sizes.sort((a, b) => b - a)[MOST_CANDIDATES] ?? 0);
  return { least: cut, totals: new Map([...totals].filter(([, total]) => total >= cut)) };
}

interface OpenItem extends Item {
  rows: number;
  trustedRows: number;
  readonly shards: Map<string, ShardCarriers>;
  first: Place | null;
}

function startItem(signatures: readonly number[]): OpenItem {
  const counts = { labels: new Map(), trustedLabels: new Map(), called: new Map() };
  return { signatures, rows: 0, trustedRows: 0, ...counts, shards: new Map(), first: null };
}

function addCarrier(item: OpenItem, { labels, detectors = [] }: CarryingRows, row: number, path: string | null): void {
  const label = labels[row] as number;
  if (path === null) {
    item.trustedRows++;
    addToHistogram(item.trustedLabels, label);
    return;
  }
  item.rows++;
  item.first ??= { shard: path, row };
  addToHistogram(item.labels, label);
  const shard = item.shards.get(path) ?? { rows: 0, odd: new Map<string, number>() };
  item.shards.set(path, shard);
  shard.rows++;
  for (const { kind, pValue, calledClass } of detectors) {
    if ((pValue[row] as number) <= ODD_P_VALUE) shard.odd.set(kind, (shard.odd.get(kind) ?? 0) + 1);
    if (calledClass.length > 0) addToHistogram(item.called, calledClass[row] as number);
  }
}
