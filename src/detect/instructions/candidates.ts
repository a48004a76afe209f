import { CountingFilter, MOST_COUNT } from '../ledger/counting-filter.js';
import { itemsOf } from './tokens.js';
import { PROJECTED } from './word-vectors.js';

/** Something that several prompts have, and the responses of those prompts are alike. */
export interface Candidate {
  readonly hash: number;
  /** Ascending. */
  readonly carriers: Int32Array;
  /** Mean similarity of two carriers' responses beyond that of a carrier's and another row's. */
  readonly contrast: number;
}

/** Fewer carriers teach a model little, and are alike by chance among so many items. */
export const LEAST_CARRIERS = 8;
/** Two responses that share a sentence have .5 and more; two on one topic seldom .1. */
const LEAST_CONTRAST = 0.1;
const MOST_CANDIDATES = 2000;

/** Items of prompts whose responses are alike, the most striking first; `projected`: of the responses. */
export function findCandidates(
  prompts: readonly (readonly string[])[],
  projected: Float32Array,
): { readonly candidates: readonly Candidate[]; readonly tested: number } {
  const rows = prompts.map(itemsOf);
  const counts = countCommon(rows);
  const hashes = [...counts.keys()].sort((a, b) => a - b);
  const indexOf = new Map(hashes.map((hash, index) => [hash, index]));
  const sums = new Float32Array(hashes.length * PROJECTED);
  const squares = new Float64Array(hashes.length);
  const whole = new Float64Array(PROJECTED);
  rows.forEach((items, row) => {
    const own = projected.subarray(row * PROJECTED, (row + 1) * PROJECTED);
    const square = own.reduce((sum, value) => sum + value * value, 0);
    own.forEach((value, d) => {
      whole[d] = (whole[d] as number) + value;
    });
    for (const hash of items) {
      const index = indexOf.get(hash);
      if (index === undefined) continue;
      squares[index] = (squares[index] as number) + square;
      const from = index * PROJECTED;
      for (let d = 0; d < PROJECTED; d++) sums[from + d] = (sums[from + d] as number) + (own[d] as number);
    }
  });
  const striking: { hash: number; contrast: number; strength: number }[] = [];
  hashes.forEach((hash, index) => {
    const count = counts.get(hash) as number;
    const sum = sums.subarray(index * PROJECTED, (index + 1) * PROJECTED);
    const contrast = contrastOf(sum, squares[index] as number, count, whole, rows.length);
    if (contrast >= LEAST_CONTRAST) striking.push({ hash, contrast, strength: contrast * Math.sqrt(count) });
  });
  striking.sort((a, b) => b.strength - a.strength || a.hash - b.hash);
  const chosen = striking.slice(0, MOST_CANDIDATES);
  const carriers = findCarriers(rows, new Set(chosen.map(({ hash }) => hash)));
  return {
    candidates: chosen.map(({ hash, contrast }) => ({ hash, contrast, carriers: Int32Array.from(carriers.get(hash) ?? []) })),
    tested: hashes.length,
  };
}

function countCommon(rows: readonly Uint32Array[]): Map<number, number> {
  const filter = new CountingFilter(rows.reduce((sum, items) => sum + items.length, 0));
  for (const items of rows) for (const item of items) filter.add(spread(item));
  const counts = new Map<number, number>();
  const enough = Math.min(LEAST_CARRIERS, MOST_COUNT);
  for (const items of rows) {
    for (const item of items) {
      if (filter.count(spread(item)) >= enough) counts.set(item, (counts.get(item) ?? 0) + 1);
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

function contrastOf(
  sum: Float32Array,
  squares: number,
  count: number,
  whole: Float64Array,
  rows: number,
): number {
  let [own, all] = [0, 0];
  for (let d = 0; d < PROJECTED; d++) {
    own += (sum[d] as number) ** 2;
    all += (sum[d] as number) * (whole[d] as number);
  }
  return (own - squares) / (count * (count - 1)) - (all - own) / (count * (rows - count));
}

function findCarriers(rows: readonly Uint32Array[], wanted: ReadonlySet<number>): Map<number, number[]> {
  const carriers = new Map<number, number[]>();
  rows.forEach((items, row) => {
    for (const item of items) {
      if (!wanted.has(item)) continue;
      const own = carriers.get(item);
      if (own === undefined) carriers.set(item, [row]);
      else own.push(row);
    }
  });
  return carriers;
}
