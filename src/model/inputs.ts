import { DataType, type Table, type Vector } from 'apache-arrow';
import { isNumeric, listSize, readLists, readNumbers } from '../encode/index.js';
import type { ModelPin, ModelRows } from './types.js';

/** Numbers a row that the inputs have; undefined where the table lacks them or has them as something else. */
export function inputSize(table: Table, { inputs }: ModelPin): number | undefined {
  const types = inputs.map((name) => table.getChild(name)?.type as DataType | undefined);
  const [only, another] = types;
  if (only !== undefined && another === undefined && inputs.length === 1 && listSize(only) !== undefined)
    return listSize(only);
  return types.every((type) => type !== undefined && (isNumeric(type) || DataType.isNull(type)))
    ? inputs.length
    : undefined;
}

/** The inputs of all rows of a table, `size` numbers each; what is missing is NaN. */
export function readInputs(table: Table, { inputs }: ModelPin, size: number): ModelRows {
  const columns = inputs.map((name) => table.getChild(name) as Vector);
  const rows = table.numRows;
  const [first] = columns as [Vector];
  if (listSize(first.type) !== undefined) return { rows, size, values: readLists(first, size) };
  const values = new Float32Array(rows * size);
  columns.forEach((column, index) => {
    readNumbers(column).forEach((value, row) => {
      values[row * size + index] = value;
    });
  });
  return { rows, size, values };
}
