import type { Signatures } from '../../encode/index.js';
import { mayHold, type Sieve, sieveOf } from './sieve.js';

/** Signatures are of one item when so large a part of the more common one's carriers have both. */
const SHARED_PART = 1 / 3;
/** Pairs beyond so many, which only rows that nearly all look alike could make, are not looked at. */
const MOST_PAIRS = 2 ** 21;

/**
 * Signatures that mostly the same rows carry, put together; each inner list is sorted, and so is the outer one, by
 * first entry. `totals`: signature → carriers. `visitAll` visits every row's signatures.
 */
export async function clusterSignatures(
  totals: ReadonlyMap<number, number>,
  visitAll: (visit: (signatures: Signatures) => void) => Promise<void>,
): Promise<number[][]> {
  if (totals.size === 0) return [];
  const signatures = [...totals.keys()].sort((a, b) => a - b);
  const indexOf = new Map(signatures.map((signature, index) => [signature, index]));
  const sieve = sieveOf(indexOf);
  const pairs = new Map<number, number>();
  await visitAll(({ perRow, values }) => {
    for (let at = 0; at < values.length; at += perRow) {
      const found = candidatesAt({ values, from: at, count: perRow }, indexOf, sieve);
      if (found !== undefined) countPairs(pairs, found, signatures.length);
    }
  });
  const parents = Int32Array.from(signatures, (_, index) => index);
  const totalOf = (index: number) => totals.get(signatures[index] as number) as number;
  for (const [pair, shared] of pairs) {
    const [a, b] = [Math.floor(pair / signatures.length), pair % signatures.length];
    if (shared >= SHARED_PART * Math.max(totalOf(a), totalOf(b))) unite(parents, a, b);
  }
  const clusters = new Map<number, number[]>();
  signatures.forEach((signature, index) => {
    const root = rootOf(parents, index);
    const own = clusters.get(root);
    if (own === undefined) clusters.set(root, [signature]);
    else own.push(signature);
  });
  return [...clusters.values()];
}

function candidatesAt(
  { values, from, count }: { readonly values: Float64Array; readonly from: number; readonly count: number },
  indexOf: ReadonlyMap<number, number>,
  sieve: Sieve,
): readonly number[] | undefined {
  let found: number[] | undefined;
  for (let at = from; at < from + count; at++) {
    const signature = values[at] as number;
    const index = mayHold(sieve, signature) ? indexOf.get(signature) : undefined;
    if (index === undefined) continue;
    found ??= [];
    found.push(index);
  }
  return found;
}

function countPairs(pairs: Map<number, number>, indices: readonly number[], base: number): void {
  for (let i = 0; i < indices.length; i++) {
    for (let j = i + 1; j < indices.length; j++) {
      const [a, b] = [indices[i] as number, indices[j] as number];
      const pair = Math.min(a, b) * base + Math.max(a, b);
      const shared = pairs.get(pair);
      if (shared !== undefined) pairs.set(pair, shared + 1);
      else if (pairs.size < MOST_PAIRS) pairs.set(pair, 1);
    }
  }
}

/** The least index of a set is its root: the outcome does not depend on the order of unions. */
function unite(parents: Int32Array, a: number, b: number): void {
  const [rootA, rootB] = [rootOf(parents, a), rootOf(parents, b)];
  parents[Math.max(rootA, rootB)] = Math.min(rootA, rootB);
}

function rootOf(parents: Int32Array, index: number): number {
  let root = index;
  while (parents[root] !== root) {
    parents[root] = parents[parents[root] as number] as number;
    root = parents[root] as number;
  }
  return root;
}
