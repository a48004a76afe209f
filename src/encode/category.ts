import type { Vector } from 'apache-arrow';
import { readCodes } from './codes.js';
import type { FeatureBlock } from './feature-block.js';

export interface CategoryModel {
  readonly kind: 'category';
  /** Cell → place among the column's features. */
  readonly places: ReadonlyMap<string, number>;
  /** Trusted rows have missing cells: the column has a flag of its own for them. */
  readonly hasMissing: boolean;
}

/** A category seen in fewer distinct trusted rows shares the place of unseen ones: no row is judged by its own cell. */
const MIN_CATEGORY_ROWS = 5;
const MAX_CATEGORIES = 256;

export function fitCategory(column: Vector, distinct: Int32Array): CategoryModel {
  const { values, codes } = readCodes(column);
  const counts = new Map<string, number>();
  for (const row of distinct) {
    const cell = values[codes[row] as number];
    if (cell !== undefined) counts.set(cell, (counts.get(cell) ?? 0) + 1);
  }
  const kept = [...counts]
    .filter(([, count]) => count >= MIN_CATEGORY_ROWS)
    .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
    .slice(0, MAX_CATEGORIES)
    .map(([cell], place) => [cell, place] as const);
  const hasMissing = distinct.some((row) => codes[row] === -1);
  return { kind: 'category', places: new Map(kept), hasMissing };
}

/** One place per category, one for unseen and rare ones, and a missing flag where trusted rows need one. */
export function categoryWidth({ places, hasMissing }: CategoryModel): number {
  return places.size + (hasMissing ? 2 : 1);
}

export function encodeCategory(
  { places }: CategoryModel,
  column: Vector,
  { features: { data, cols }, offset, missing }: FeatureBlock,
): void {
  const { values, codes } = readCodes(column);
  const placeOf = Int32Array.from(values, (value) => offset + (places.get(value) ?? places.size));
  for (let row = 0, at = 0; row < codes.length; row++, at += cols) {
    const code = codes[row] as number;
    if (code < 0) data[at + missing] = (data[at + missing] as number) + 1;
    else data[at + (placeOf[code] as number)] = 1;
  }
}
