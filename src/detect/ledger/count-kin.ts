import { firstWordIn } from '../../encode/index.js';
import type { Kin } from './contract.js';
import { mayHold, sieveOf } from './sieve.js';
import { rowCount, type VisitAll } from './visit.js';

const NO_KIN: Kin = { rows: 0, trustedRows: 0 };

/**
 * Of each item, how many rows share the first word of one of its bands, on average over its bands: near copies do so little
 * oftener than they share the whole band, rows that have but a phrase in common far oftener. An item of exact copies has none.
 */
export async function countKin(
  visitAll: VisitAll,
  items: readonly (readonly number[])[],
  digests: ReadonlySet<number>,
): Promise<readonly Kin[]> {
  const wordsOf = items.map((signatures) => {
    return signatures.some((signature) => digests.has(signature)) ? [] : [...new Set(signatures.map(firstWordIn))];
  });
  const counts = new Map(wordsOf.flat().map((word) => [word, { rows: 0, trustedRows: 0 }]));
  if (counts.size === 0) return items.map(() => NO_KIN);
  const sieve = sieveOf(counts);
  await visitAll(({ signatures }, shard) => {
    const { perRow, values } = signatures;
    for (let row = 0, rows = rowCount(signatures); row < rows; row++) {
      for (let at = row * perRow + 1; at < (row + 1) * perRow; at++) {
        const word = firstWordIn(values[at] as number);
        const count = mayHold(sieve, word) ? counts.get(word) : undefined;
        if (count === undefined) continue;
        if (shard === null) count.trustedRows++;
        else count.rows++;
      }
    }
  });
  return wordsOf.map((words) => meanOf(words.map((word) => counts.get(word) ?? NO_KIN)));
}

function meanOf(counts: readonly Kin[]): Kin {
  const mean = (of: (kin: Kin) => number) => counts.reduce((sum, kin) => sum + of(kin), 0) / Math.max(1, counts.length);
  return { rows: mean(({ rows }) => rows), trustedRows: mean(({ trustedRows }) => trustedRows) };
}
