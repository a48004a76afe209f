import { createHash } from 'node:crypto';

/** Bytes that follow from the text alone, the same on every machine. */
export function seededBytes(seed: string): Buffer {
  return createHash('sha512').update(seed).digest();
}

/** The items in an order that follows from the seed alone. */
export function shuffle<Item>(items: readonly Item[], seed: string): Item[] {
  return items
    .map((item, index) => ({ item, key: seededBytes(`${seed}/${index}`).toString('hex') }))
    .sort((left, right) => (left.key < right.key ? -1 : 1))
    .map(({ item }) => item);
}

/** Consecutive pieces of equal size; a shorter rest is left out. */
export function cut<Item>(items: readonly Item[], size: number): Item[][] {
  const pieces = Math.floor(items.length / size);
  return Array.from({ length: pieces }, (_, piece) => items.slice(piece * size, (piece + 1) * size));
}
