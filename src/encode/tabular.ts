import type { Table, Vector } from 'apache-arrow';
import { type Matrix, zeros } from '../linear/index.js';
import { type CategoryModel, categoryWidth, encodeCategory, fitCategory } from './category.js';
import { isNumeric, isTime } from './columns.js';
import type { FeatureBlock } from './feature-block.js';
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
}

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
    dims: isShared ? dims + 1 : dims,
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

/** Feature rows: rows × (dims + spare), the spare columns zero. */
export function encodeTabular(model: TabularModel, table: Table, spare = 0): Matrix {
  const features = zeros(table.numRows, model.dims + spare);
  for (const { name, offset, missing, model: own } of model.columns) {
    encodeColumn(own, table.getChild(name) as Vector, { features, offset, missing });
  }
  return features;
}

function encodeColumn(model: ColumnModel, column: Vector, block: FeatureBlock): void {
  if (model.kind === 'number') encodeNumber(model, column, block);
  else if (model.kind === 'time') encodeTime(model, column, block);
  else encodeCategory(model, column, block);
}
