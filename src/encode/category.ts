import type { Vector } from 'apache-arrow';
import { readCodes } from './codes.js';
import type { FeatureBlock } from './feature-block.js';

export interface CategoryModel {
  readonly kind: 'category';
  /** Cell → place among the column's features. */
  readonly places: ReadonlyMap<string, number>;
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
  return { kind: 'category', places: new Map(kept) };
}

/** One place per category, one for unseen and rare ones, one for missing. */
export function categoryWidth({ places }: CategoryModel): number {
  return places.size + 2;
}

export function encodeCategory({ places }: CategoryModel, column: Vector, { features, offset }: FeatureBlock): void {
  const { values, codes } = readCodes(column);
  const placeOf = Int32Array.from(values, (value) => places.get(value) ?? places.size);
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row] as number;
    features.data[row * features.cols + offset + (code < 0 ? places.size + 1 : (placeOf[code] as number))] = 1;
  }
}
