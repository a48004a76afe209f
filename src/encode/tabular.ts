import type { Table, Vector } from 'apache-arrow';
import { type Matrix, type OneHotGroup, zeros } from '../linear/index.js';
import { type CategoryModel, categoryWidth, encodeCategory, fitCategory } from './category.js';
import { isNumeric, isTime } from './columns.js';
import type { FeatureBlock } from './feature-block.js';
import { scramble } from './hashes.js';
import { encodeNumber, fitNumber, type NumberModel, numberWidth } from './number.js';
import { encodeTime, fitTime, type TimeModel, timeWidth } from './time.js';

type ColumnModel = NumberModel | CategoryModel | TimeModel;

/** Columns side by side; plain data. */
export interface TabularModel {
  readonly columns: readonly {
    readonly name: string;
    readonly offset: number;
    /** Place of the column's missing flag; complete columns share one. */
    readonly missing: number;
    readonly model: ColumnModel;
  }[];
  readonly dims: number;
  /** Places of all columns together: more than dims where they are folded into fewer. */
  readonly places: number;
}

/** Sums of features and their factorisation grow with the square and cube of the places: beyond so many they are folded. */
const MOST_PLACES = 1536;
/** Into so many: a sketch of signed sums keeps inner products of rows within a few per cent (Charikar et al. 2002). */
const FOLDED_DIMS = 1024;

/** Fits numbers, times and categories on distinct rows. */
export function fitTabular(trusted: Table, names: readonly string[], distinct: Int32Array): TabularModel {
  let dims = 0;
  const placed = names.map((name) => {
    const model = fitColumn(trusted.getChild(name) as Vector, distinct);
    const offset = dims;
    dims += widthOf(model);
    return { name, offset, model };
  });
  const shared = dims;
  const isShared = placed.some(({ model }) => !hasOwnFlag(model));
  return {
    columns: placed.map((one) => ({
      ...one,
      missing: hasOwnFlag(one.model) ? one.offset + widthOf(one.model) - 1 : shared,
    })),
    places: isShared ? dims + 1 : dims,
    dims: dims > MOST_PLACES ? FOLDED_DIMS : isShared ? dims + 1 : dims,
  };
}

function fitColumn(column: Vector, distinct: Int32Array): ColumnModel {
  if (isTime(column.type)) return fitTime(column);
  return isNumeric(column.type) ? fitNumber(column, distinct) : fitCategory(column, distinct);
}

function widthOf(model: ColumnModel): number {
  if (model.kind === 'number') return numberWidth(model);
  return model.kind === 'time' ? timeWidth(model) : categoryWidth(model);
}

function hasOwnFlag(model: ColumnModel): boolean {
  return model.kind === 'time' || model.hasMissing;
}

/** Columns of numbers and categories in which no row that was fitted on lacks a value. */
export function alwaysFilled({ columns }: TabularModel): string[] {
  return columns.filter(({ model }) => !hasOwnFlag(model)).map(({ name }) => name);
}

/** Feature rows: rows × (dims + spare), the spare columns zero. */
export function encodeTabular(model: TabularModel, table: Table, spare = 0): Matrix {
  const features = zeros(table.numRows, model.dims + spare);
  for (const { name, offset, missing, model: own } of model.columns) {
    const column = table.getChild(name) as Vector;
    if (isFolded(model)) foldColumn(own, column, { features, offset, missing });
    else encodeColumn(own, column, { features, offset, missing });
  }
  return features;
}

/** Places of categories, of which a row has one of each column at most. */
export function categoryGroups(model: TabularModel | null): OneHotGroup[] {
  if (model === null || isFolded(model)) return [];
  return model.columns.flatMap(({ offset, model: own }) =>
    own.kind === 'category' ? [{ from: offset, width: categoryWidth(own) }] : [],
  );
}

export function isFolded({ dims, places }: Pick<TabularModel, 'dims' | 'places'>): boolean {
  return places > dims;
}

/** Adds a column's features to the places that theirs fall on, each with a sign of its own. */
function foldColumn(model: ColumnModel, column: Vector, { features, offset, missing }: FeatureBlock): void {
  const width = widthOf(model);
  const hasFlag = hasOwnFlag(model);
  const own = zeros(column.length, hasFlag ? width : width + 1);
  encodeColumn(model, column, { features: own, offset: 0, missing: hasFlag ? width - 1 : width });
  for (let d = 0; d < own.cols; d++) {
    const hash = scramble(d < width ? offset + d : missing);
    const place = hash % FOLDED_DIMS;
    const sign = hash & 0x80000000 ? -1 : 1;
    for (let from = d, to = place; from < own.data.length; from += own.cols, to += features.cols) {
      features.data[to] = (features.data[to] as number) + sign * (own.data[from] as number);
    }
  }
}

function encodeColumn(model: ColumnModel, column: Vector, block: FeatureBlock): void {
  if (model.kind === 'number') encodeNumber(model, column, block);
  else if (model.kind === 'time') encodeTime(model, column, block);
  else encodeCategory(model, column, block);
}
