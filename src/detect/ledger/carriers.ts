import type { Signatures } from '../../encode/index.js';
import { mayHold, type Sieve, sieveOf } from './sieve.js';

/** Which item each signature belongs to. */
export interface ItemIndex {
  readonly itemOf: ReadonlyMap<number, number>;
  readonly sieve: Sieve;
  /** Per item, how many of its signatures a carrier has at least. */
  readonly least: readonly number[];
}

/** A carrier has two of an item's signatures: one alone is shared by chance now and then. */
const LEAST_SHARED = 2;

/** Items by their signatures, numbered in the order given; `digests`, one more item: a row carries it that has any of them. */
export function indexItems(items: readonly (readonly number[])[], digests: readonly number[] = []): ItemIndex {
  const itemOf = new Map<number, number>();
  // Items come last: what is known of them is more.
  for (const digest of digests) itemOf.set(digest, items.length);
  items.forEach((signatures, item) => {
    for (const signature of signatures) itemOf.set(signature, item);
  });
  const least = items.map(({ length }) => Math.min(LEAST_SHARED, length));
  return { itemOf, sieve: sieveOf(itemOf), least: digests.length === 0 ? least : [...least, 1] };
}

const NO_ITEMS: readonly number[] = [];

/** The items that a row carries. */
export function carriedItems(
  { itemOf, sieve, least }: ItemIndex,
  { perRow, values }: Signatures,
  row: number,
): readonly number[] {
  let shared: Map<number, number> | undefined;
  for (let at = row * perRow; at < (row + 1) * perRow; at++) {
    const signature = values[at] as number;
    const item = mayHold(sieve, signature) ? itemOf.get(signature) : undefined;
    if (item === undefined) continue;
    shared ??= new Map<number, number>();
    shared.set(item, (shared.get(item) ?? 0) + 1);
  }
  if (shared === undefined) return NO_ITEMS;
  return [...shared].filter(([item, count]) => count >= (least[item] as number)).map(([item]) => item);
}
