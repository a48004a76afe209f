import type { Table, Vector } from 'apache-arrow';
import { mean, sampleStandardDeviation } from 'simple-statistics';
import { type Matrix, zeros } from '../linear/index.js';
import { isNumeric, readNumbers, readStrings } from './columns.js';

/** Plain data; `offset` is the first of the column's places in the feature vector. */
export type TabularColumn =
  | {
      readonly kind: 'number';
      readonly name: string;
      readonly offset: number;
      readonly mean: number;
      readonly deviation: number;
    }
  | {
      readonly kind: 'category';
      readonly name: string;
      readonly offset: number;
      readonly places: ReadonlyMap<string, number>;
    };

export interface TabularModel {
  readonly columns: readonly TabularColumn[];
  readonly dims: number;
}

/** Beyond this many standard deviations a number counts logarithmically, so that one cell cannot own a fit. */
const LINEAR_DEVIATIONS = 5;
/** A category seen in fewer distinct trusted rows shares the place of unseen ones: no row is judged by its own cell. */
const MIN_CATEGORY_ROWS = 5;
const MAX_CATEGORIES = 256;

/** Fits numbers (mean, deviation, missing flag) and categories (one place each, one for unseen) on distinct rows. */
export function fitTabular(trusted: Table, names: readonly string[], distinct: Int32Array): TabularModel {
  const columns: TabularColumn[] = [];
  let dims = 0;
  for (const name of names) {
    const column = trusted.getChild(name) as Vector;
    const fitted = isNumeric(column.type)
      ? fitNumber(name, column, distinct, dims)
      : fitCategory(name, column, distinct, dims);
    columns.push(fitted);
    dims += fitted.kind === 'number' ? 2 : fitted.places.size + 2;
  }
  return { columns, dims };
}

function fitNumber(name: string, column: Vector, distinct: Int32Array, offset: number): TabularColumn {
  const all = readNumbers(column);
  const values = Array.from(distinct, (row) => all[row] as number).filter(Number.isFinite);
  const deviation = values.length < 2 ? 0 : sampleStandardDeviation(values);
  return { kind: 'number', name, offset, mean: values.length === 0 ? 0 : mean(values), deviation };
}

function fitCategory(name: string, column: Vector, distinct: Int32Array, offset: number): TabularColumn {
  const all = readStrings(column);
  const counts = new Map<string, number>();
  for (const row of distinct) {
    const cell = all[row];
    if (cell !== null && cell !== undefined) counts.set(cell, (counts.get(cell) ?? 0) + 1);
  }
  const kept = [...counts]
    .filter(([, count]) => count >= MIN_CATEGORY_ROWS)
    .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
    .slice(0, MAX_CATEGORIES)
    .map(([cell], place) => [cell, place] as const);
  return { kind: 'category', name, offset, places: new Map(kept) };
}

/** Feature rows: per number its standardised value and a missing flag; per category its place, unseen, missing. */
export function encodeTabular(model: TabularModel, table: Table): Matrix {
  const features = zeros(table.numRows, model.dims);
  for (const column of model.columns) {
    const cells = table.getChild(column.name) as Vector;
    if (column.kind === 'number') encodeNumber(features, column, readNumbers(cells));
    else encodeCategory(features, column, readStrings(cells));
  }
  return features;
}

function encodeNumber(features: Matrix, column: TabularColumn & { kind: 'number' }, values: Float64Array): void {
  values.forEach((value, row) => {
    const at = row * features.cols + column.offset;
    if (Number.isNaN(value)) features.data[at + 1] = 1;
    else features.data[at] = standardise(value, column);
  });
}

function standardise(value: number, { mean: centre, deviation }: { mean: number; deviation: number }): number {
  // A constant column says nothing until a row departs from it; then it departs by the linear limit.
  if (deviation === 0) return value === centre ? 0 : Math.sign(value - centre) * LINEAR_DEVIATIONS;
  const z = Math.max(-1e6, Math.min(1e6, (value - centre) / deviation));
  const excess = Math.abs(z) - LINEAR_DEVIATIONS;
  return excess <= 0 ? z : Math.sign(z) * (LINEAR_DEVIATIONS + Math.log1p(excess));
}

function encodeCategory(
  features: Matrix,
  column: TabularColumn & { kind: 'category' },
  cells: readonly (string | null)[],
): void {
  const unseen = column.places.size;
  cells.forEach((cell, row) => {
    const place = cell === null ? unseen + 1 : (column.places.get(cell) ?? unseen);
    features.data[row * features.cols + column.offset + place] = 1;
  });
}
