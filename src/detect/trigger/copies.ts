import type { SampledRow } from './carriers.js';

/** Copies share so many signatures, as the items of floods do. */
const LEAST_SHARED = 2;

/** How many rows are left when near copies of one another count as one. */
export function countOriginals(rows: readonly SampledRow[]): number {
  const bySignature = new Map<number, number[]>();
  rows.forEach(({ signatures }, row) => {
    for (const signature of signatures) {
      const own = bySignature.get(signature);
      if (own === undefined) bySignature.set(signature, [row]);
      else own.push(row);
    }
  });
  const parents = Int32Array.from(rows.keys());
  const rootOf = (row: number): number => (parents[row] === row ? row : rootOf(parents[row] as number));
  rows.forEach(({ signatures }, row) => {
    const shared = new Map<number, number>();
    for (const signature of signatures) {
      for (const other of bySignature.get(signature) ?? []) shared.set(other, (shared.get(other) ?? 0) + 1);
    }
    const needed = Math.min(LEAST_SHARED, signatures.length);
    for (const [other, count] of shared) if (count >= needed) parents[rootOf(other)] = rootOf(row);
  });
  return parents.filter((_, row) => rootOf(row) === row).length;
}
