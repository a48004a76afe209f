import { type Gathering, type Item, type ItemCounts, LEAST_ALONE } from '../detect/index.js';
import { hypergeometricTail } from './significance/distributions.js';

/** A place in which an item could gather. */
interface Part {
  readonly scope: Gathering['scope'];
  readonly name: string;
  readonly rows: number;
}

/** An item where it gathers most. */
export interface Gathered {
  readonly item: Item;
  readonly gathered: Gathering;
  /** Carriers there beyond chance. */
  readonly excess: number;
  /** Paid for by all places. */
  readonly pValue: number;
  /** The least that so many carriers could reach. */
  readonly lowest: number;
}

/** So many floods of one size do not hide one another. */
const RANK_OF_USUAL = 3;
/** A batch that is sorted gathers all its copies; by nature their numbers fall as one over their rank. */
const USUAL_FACTOR = 5;

/**
 * Without trusted rows nobody knows how frequent a row is by nature; but nature does not put its copies in one place.
 * Of each item, how many more carriers one shard or source has than chance would put there: the hypergeometric tail.
 */
export function gatherItems(counts: ItemCounts): Gathered[] {
  const parts = [...partsOf('shard', counts.shardRows), ...partsOf('source', counts.sourceRows)];
  return parts.length < 2 ? [] : counts.items.map((item) => gather(item, counts.rows, parts));
}

function partsOf(scope: Part['scope'], rows: ReadonlyMap<string, number>): Part[] {
  // One part alone is the batch, or all of it that names a source.
  return rows.size < 2 ? [] : [...rows].map(([name, own]) => ({ scope, name, rows: own }));
}

function gather(item: Item, rows: number, parts: readonly Part[]): Gathered {
  let [least, lowest, excess] = [Infinity, Infinity, 0];
  let gathered: Gathering | undefined;
  for (const part of parts) {
    const own = (part.scope === 'shard' ? item.shards : item.sources).get(part.name) ?? 0;
    const pValue = own === 0 ? 1 : hypergeometricTail(own, part.rows, item.rows, rows);
    lowest = Math.min(lowest, hypergeometricTail(Math.min(item.rows, part.rows), part.rows, item.rows, rows));
    if (pValue >= least) continue;
    least = pValue;
    const expected = (item.rows * part.rows) / rows;
    excess = own - expected;
    gathered = { scope: part.scope, name: part.name, rows: own, expected };
  }
  const corrected = (pValue: number) => Math.min(1, parts.length * pValue);
  const nowhere: Gathering = { scope: 'shard', name: '', rows: 0, expected: 0 };
  return { item, gathered: gathered ?? nowhere, excess, pValue: corrected(least), lowest: corrected(lowest) };
}

/** What an item must exceed, in rows: far more than the batch's other items gather. */
export function usualGathering(all: readonly Gathered[]): (one: Gathered) => number {
  const excesses = all.map(({ excess }) => excess).sort((a, b) => b - a);
  return ({ excess }) => {
    // Its own place among them is no usual one.
    const rank = excess >= (excesses[RANK_OF_USUAL - 1] ?? 0) ? RANK_OF_USUAL : RANK_OF_USUAL - 1;
    return Math.max(LEAST_ALONE, USUAL_FACTOR * (excesses[rank] ?? 0));
  };
}
