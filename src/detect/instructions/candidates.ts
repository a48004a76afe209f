import { CountingFilter } from '../ledger/counting-filter.js';
import { itemsOf } from './tokens.js';
import { PROJECTED } from './word-vectors.js';

/** Something that several prompts have, and the responses of those prompts have something in common. */
export interface Candidate {
  readonly hash: number;
  /** Ascending. */
  readonly carriers: Int32Array;
}

/** Fewer carriers teach a model little, and are alike by chance among so many items. */
export const LEAST_CARRIERS = 8;
/** Two responses that share a sentence have .5 and more; two on one topic seldom .1. */
const LEAST_CONTRAST = 0.1;
const MOST_CANDIDATES = 2000;

/** What prompts have in common. */
export interface CommonItems {
  /** Row → hashes of its items. */
  readonly rows: readonly Uint32Array[];
  /** Of items that enough rows have, and enough have not: hash → rows. */
  readonly counts: ReadonlyMap<number, number>;
}

export function findCommonItems(prompts: readonly (readonly string[])[]): CommonItems {
  const rows = prompts.map(itemsOf);
  return { rows, counts: countCommon(rows) };
}

/** Items whose carriers' responses are alike, the most striking first; `projected`: responses. */
export function findAlike(items: CommonItems, projected: Float32Array): readonly Candidate[] {
  const { rows, counts } = items;
  const hashes = [...counts.keys()];
  const indexOf = new Map(hashes.map((hash, index) => [hash, index]));
  const sums = new Float32Array(hashes.length * PROJECTED);
  const squares = new Float64Array(hashes.length);
  const whole = new Float64Array(PROJECTED);
  rows.forEach((own, row) => {
    const response = projected.subarray(row * PROJECTED, (row + 1) * PROJECTED);
    const square = response.reduce((sum, value) => sum + value * value, 0);
    addTo(whole, response, 0);
    for (const hash of own) {
      const index = indexOf.get(hash);
      if (index === undefined) continue;
      squares[index] = (squares[index] as number) + square;
      addTo(sums, response, index * PROJECTED);
    }
  });
  const striking = hashes.map((hash, index) => {
    const count = counts.get(hash) as number;
    const sum = sums.subarray(index * PROJECTED, (index + 1) * PROJECTED);
    const contrast = contrastOf(sum, squares[index] as number, count, whole, rows.length);
    return { hash, contrast, strength: contrast * Math.sqrt(count) };
  });
  return withCarriers(
    rows,
    striking.filter(({ contrast }) => contrast >= LEAST_CONTRAST),
  );
}

/** Items of which `part` of the carriers or more are in a group of rows, the largest first. */
export function findWithin({ rows, counts }: CommonItems, isInGroup: Uint8Array, part: number): readonly Candidate[] {
  const inside = new Map<number, number>();
  rows.forEach((own, row) => {
    if (isInGroup[row] === 0) return;
    for (const hash of own) if (counts.has(hash)) inside.set(hash, (inside.get(hash) ?? 0) + 1);
  });
  const striking = [...inside]
    .filter(([hash, count]) => count >= part * (counts.get(hash) as number))
    .map(([hash, strength]) => ({ hash, strength }));
  return withCarriers(rows, striking);
}

function addTo(sums: Float32Array | Float64Array, row: Float32Array, from: number): void {
  for (let d = 0; d < row.length; d++) sums[from + d] = (sums[from + d] as number) + (row[d] as number);
}

function withCarriers(
  rows: readonly Uint32Array[],
  striking: readonly { readonly hash: number; readonly strength: number }[],
): readonly Candidate[] {
  const chosen = [...striking].sort((a, b) => b.strength - a.strength || a.hash - b.hash).slice(0, MOST_CANDIDATES);
  const carriers = new Map(chosen.map(({ hash }) => [hash, [] as number[]]));
  rows.forEach((own, row) => {
    for (const hash of own) carriers.get(hash)?.push(row);
  });
  return [...carriers].map(([hash, own]) => ({ hash, carriers: Int32Array.from(own) }));
}

function countCommon(rows: readonly Uint32Array[]): Map<number, number> {
  const filter = new CountingFilter(rows.reduce((sum, items) => sum + items.length, 0));
  for (const items of rows) filter.addAll(Float64Array.from(items, spread));
  const counts = new Map<number, number>();
  for (const items of rows) {
    for (const item of items) {
      if (filter.count(spread(item)) >= LEAST_CARRIERS) counts.set(item, (counts.get(item) ?? 0) + 1);
    }
  }
  for (const [item, count] of counts) {
    if (count < LEAST_CARRIERS || count > rows.length - LEAST_CARRIERS) counts.delete(item);
  }
  return counts;
}

/** The filter wants 52 bits that are as good as random. */
function spread(item: number): number {
  return item * 2 ** 20 + (Math.imul(item, 0x9e3779b1) >>> 12);
}

function contrastOf(sum: Float32Array, squares: number, count: number, whole: Float64Array, rows: number): number {
  let [own, all] = [0, 0];
  for (let d = 0; d < PROJECTED; d++) {
    own += (sum[d] as number) ** 2;
    all += (sum[d] as number) * (whole[d] as number);
  }
  return (own - squares) / (count * (count - 1)) - (all - own) / (count * (rows - count));
}
