import type { Table, Vector } from 'apache-arrow';
import { type Matrix, zeros } from '../linear/index.js';
import { type CategoryModel, categoryWidth, encodeCategory, fitCategory } from './category.js';
import { isNumeric, isTime } from './columns.js';
import type { FeatureBlock } from './feature-block.js';
import { encodeNumber, fitNumber, NUMBER_WIDTH, type NumberModel } from './number.js';
import { encodeTime, fitTime, type TimeModel, timeWidth } from './time.js';

type ColumnModel = NumberModel | CategoryModel | TimeModel;

/** Columns side by side; plain data. */
export interface TabularModel {
  readonly columns: readonly { readonly name: string; readonly offset: number; readonly model: ColumnModel }[];
  readonly dims: number;
}

/** Fits numbers, times and categories on distinct rows. */
export function fitTabular(trusted: Table, names: readonly string[], distinct: Int32Array): TabularModel {
  let dims = 0;
  const columns = names.map((name) => {
    const model = fitColumn(trusted.getChild(name) as Vector, distinct);
    const offset = dims;
    dims += widthOf(model);
    return { name, offset, model };
  });
  return { columns, dims };
}

function fitColumn(column: Vector, distinct: Int32Array): ColumnModel {
  if (isTime(column.type)) return fitTime(column);
  return isNumeric(column.type) ? fitNumber(column, distinct) : fitCategory(column, distinct);
}

function widthOf(model: ColumnModel): number {
  if (model.kind === 'number') return NUMBER_WIDTH;
  return model.kind === 'time' ? timeWidth(model) : categoryWidth(model);
}

/** Feature rows: rows × dims. */
export function encodeTabular(model: TabularModel, table: Table): Matrix {
  const features = zeros(table.numRows, model.dims);
  for (const { name, offset, model: own } of model.columns) {
    encodeColumn(own, table.getChild(name) as Vector, { features, offset });
  }
  return features;
}

function encodeColumn(model: ColumnModel, column: Vector, block: FeatureBlock): void {
  if (model.kind === 'number') encodeNumber(model, column, block);
  else if (model.kind === 'time') encodeTime(model, column, block);
  else encodeCategory(model, column, block);
}
