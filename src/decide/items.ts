import { type Gathering, type Item, type ItemCounts, type LedgerDetector, ledgerDetectors } from '../detect/index.js';
import { upperBound } from '../linear/index.js';
import { type RejectedCopies, testCopies } from './copies.js';
import { gatherItems, usualGathering } from './gathering.js';
import { hypergeometricTail } from './significance/distributions.js';
import type { MinimumDetectable } from './types.js';

/** What one ledger detector counted. */
export interface CountedItems {
  readonly kind: LedgerDetector['kind'];
  readonly counts: ItemCounts;
}

/** An item that is more frequent in the batch than trusted rows allow for. */
export interface RejectedItem {
  readonly detector: LedgerDetector;
  readonly counts: ItemCounts;
  readonly item: Item;
  /** Paid for by all items that could have been rejected. */
  readonly pValue: number;
  /** Carriers beyond what the trusted rows let expect, or chance where there are none. */
  readonly excess: number;
  /** Given without trusted rows. */
  readonly gathered?: Gathering;
}

export interface ItemFamily {
  readonly pValue: number;
  /** By p-value. */
  readonly rejected: readonly RejectedItem[];
  readonly copies: readonly RejectedCopies[];
  readonly minimumDetectable: readonly MinimumDetectable[];
}

/** A trusted group that is this improbable under equal shares shows that equal rows come in clumps. */
const CLUMP_LEVEL = 0.01;
/** Clumps differ in size: the batch's largest may well exceed the trusted rows' largest, seldom twofold. */
const CLUMP_FACTOR = 2;

/**
 * Tests each item: of all its carriers, are more in the batch than a draw without replacement would put there? Exact
 * when batch and trusted rows are exchangeable, given who carries what. Corrected as Tarone (1990): only items that have
 * enough carriers to be rejected at all are paid for.
 */
export function testItems(counted: readonly CountedItems[], level: number, tolerance: number): ItemFamily {
  const families = counted.map(({ kind, counts }) => {
    const detector = ledgerDetectors.find((one) => one.kind === kind);
    if (detector === undefined) return NOTHING;
    const own = level / counted.length;
    return counts.trustedRows === 0
      ? testGathering(detector, counts, own)
      : testBesideTrusted(detector, counts, own, tolerance);
  });
  return {
    pValue: families.reduce((least, { pValue }) => Math.min(least, pValue * counted.length), 1),
    rejected: families.flatMap(({ rejected }) => rejected),
    copies: families.flatMap(({ copies }) => copies),
    minimumDetectable: families.flatMap(({ minimumDetectable }) => minimumDetectable),
  };
}

const NOTHING: ItemFamily = { pValue: 1, rejected: [], copies: [], minimumDetectable: [] };
/** Near copies that differ in one word of ten share a band of four words half as often as its first word, or oftener. */
const MOST_KIN = 2;
const KIN_DEVIATIONS = 2;
/** Each item for itself, and small groups together. */
const WAYS = 2;

function testBesideTrusted(detector: LedgerDetector, counts: ItemCounts, level: number, tolerance: number): ItemFamily {
  const single = testKind(detector, counts, level / WAYS);
  const copies = testCopies(detector, counts, tolerance, level / WAYS);
  return {
    pValue: Math.min(1, WAYS * Math.min(single.pValue, copies.pValue)),
    rejected: single.rejected,
    copies: copies.rejected,
    minimumDetectable: single.minimumDetectable,
  };
}

/** A batch that judges itself: each item by whether its copies gather in a shard or source. */
function testGathering(detector: LedgerDetector, counts: ItemCounts, level: number): ItemFamily {
  const all = gatherItems(counts);
  const tests = taroneNumber(
    all.map(({ lowest }) => lowest),
    level,
  );
  const usual = usualGathering(all);
  const suspicious = all
    .filter((one) => one.excess >= usual(one))
    .map(({ item, gathered, excess, pValue }) => {
      return { detector, counts, item, gathered, excess, pValue: Math.min(1, tests * pValue) };
    });
  return {
    ...rejectAmong(suspicious, level),
    copies: [],
    minimumDetectable: [{ kind: detector.kind, rows: null }],
  };
}

function rejectAmong(suspicious: readonly RejectedItem[], level: number): Pick<ItemFamily, 'pValue' | 'rejected'> {
  return {
    pValue: suspicious.reduce((lowest, { pValue }) => Math.min(lowest, pValue), 1),
    rejected: suspicious.filter(({ pValue }) => pValue <= level).sort((a, b) => a.pValue - b.pValue || byFirst(a, b)),
  };
}

function testKind(detector: LedgerDetector, counts: ItemCounts, level: number): Omit<ItemFamily, 'copies'> {
  const { rows, trustedRows, items } = counts;
  const tests = testableItems(counts, level);
  const least = leastExcess(detector, counts);
  const suspicious = items
    .map((item) => ({ detector, counts, item, excess: item.rows - (item.trustedRows * rows) / trustedRows }))
    .filter(({ item, excess }) => excess >= least && !isOfMany(item, excess, rows / trustedRows))
    .map((one) => ({ ...one, pValue: Math.min(1, tests * pValueOf(one.item, counts)) }));
  return {
    ...rejectAmong(suspicious, level),
    minimumDetectable: [{ kind: detector.kind, rows: fewestCopies(counts, level / Math.max(1, tests), least) }],
  };
}

/**
 * Are the carriers a few of many rows that are alike in a phrase only, such as a footer, which in short rows is most of
 * what they say? What the item's words let expect of the batch is not among them, nor twice its standard deviation.
 */
function isOfMany({ kin }: Item, excess: number, ratio: number): boolean {
  const deviation = Math.sqrt(kin.rows + kin.trustedRows * ratio ** 2);
  return kin.rows - kin.trustedRows * ratio - KIN_DEVIATIONS * deviation > MOST_KIN * excess;
}

function byFirst({ item: a }: { item: Item }, { item: b }: { item: Item }): number {
  if (a.first === null || b.first === null || a.first.shard === b.first.shard) {
    return (a.first?.row ?? 0) - (b.first?.row ?? 0);
  }
  return a.first.shard < b.first.shard ? -1 : 1;
}

function pValueOf({ rows, trustedRows }: Item, counts: ItemCounts): number {
  return hypergeometricTail(rows, counts.rows, rows + trustedRows, counts.rows + counts.trustedRows);
}

function testableItems({ items, rows, trustedRows }: ItemCounts, level: number): number {
  const lowest = items.map((item) => {
    const total = item.rows + item.trustedRows;
    return hypergeometricTail(Math.min(total, rows), rows, total, rows + trustedRows);
  });
  return taroneNumber(lowest, level);
}

/** Tarone's number: the least k such that at most k items can have a p-value of level / k or less. */
function taroneNumber(possible: readonly number[], level: number): number {
  const lowest = [...possible].sort((a, b) => a - b);
  for (let tests = 1, within = 0; ; tests++) {
    // The bound falls as tests are added: those within it have to be counted anew.
    within = upperBound(lowest, level / tests);
    if (within <= tests) return tests;
  }
}

/**
 * Equal rows are seldom drawn one by one: a message is forwarded, an event logged again, a form sent twice, and then
 * they come together in time. The exact test knows nothing of that; how unevenly equal rows fall on the trusted rows'
 * side shows how far it goes by itself.
 */
function leastExcess(detector: LedgerDetector, counts: ItemCounts): number {
  const { rows, trustedRows, items, leastTotal, mostTrustedCopies } = counts;
  const total = rows + trustedRows;
  const clumps = items
    .filter(
      (item) => hypergeometricTail(item.trustedRows, trustedRows, item.rows + item.trustedRows, total) <= CLUMP_LEVEL,
    )
    .map((item) => item.trustedRows - (item.rows * trustedRows) / rows);
  // Smaller groups were not counted in the batch: the largest there may be among the trusted rows stands for them.
  const uncounted = Math.min(leastTotal - 1, mostTrustedCopies);
  if ((trustedRows / total) ** uncounted <= CLUMP_LEVEL) clumps.push(uncounted);
  const largest = clumps.reduce((most, clump) => Math.max(most, clump), 0);
  return Math.max(detector.leastExcess(counts), CLUMP_FACTOR * largest * Math.max(1, rows / trustedRows));
}

/** The least copies of a row that no trusted row equals that would be found; null when no number of them is. */
function fewestCopies({ rows, trustedRows, leastTotal }: ItemCounts, level: number, least: number): number | null {
  let chance = 1;
  for (let copies = 0; copies <= rows; copies++) {
    if (chance <= level && copies >= least && copies >= leastTotal) return copies;
    chance *= (rows - copies) / (rows + trustedRows - copies);
  }
  return null;
}
