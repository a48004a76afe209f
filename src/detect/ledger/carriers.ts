import type { Signatures } from '../../encode/index.js';

/** Which item each signature belongs to. */
export interface ItemIndex {
  readonly itemOf: ReadonlyMap<number, number>;
  /** Per item, how many of its signatures a carrier has at least. */
  readonly least: readonly number[];
}

/** A carrier has two of an item's signatures: one alone is shared by chance now and then. */
const LEAST_SHARED = 2;

/** Items by their signatures, numbered in the order given. */
export function indexItems(items: readonly (readonly number[])[]): ItemIndex {
  return {
    itemOf: new Map(items.flatMap((signatures, item) => signatures.map((signature) => [signature, item] as const))),
    least: items.map(({ length }) => Math.min(LEAST_SHARED, length)),
  };
}

/** The items that a row carries. */
export function carriedItems({ itemOf, least }: ItemIndex, { perRow, values }: Signatures, row: number): number[] {
  const shared = new Map<number, number>();
  for (let at = row * perRow; at < (row + 1) * perRow; at++) {
    const item = itemOf.get(values[at] as number);
    if (item !== undefined) shared.set(item, (shared.get(item) ?? 0) + 1);
  }
  return [...shared].filter(([item, count]) => count >= (least[item] as number)).map(([item]) => item);
}
