import type { Table, Vector } from 'apache-arrow';
import { type Matrix, zeros } from '../linear/index.js';
import { listSize, readLists } from './columns.js';

/** Centre and one deviation for all dimensions of a fixed-size list column: distances keep their proportions. */
export interface VectorModel {
  readonly name: string;
  readonly centre: Float32Array;
  readonly deviation: number;
}

/** Keeps squares of features within single precision. */
const GREATEST_DEVIATIONS = 1e6;

/** Fits on distinct rows. */
export function fitVectors(trusted: Table, name: string, distinct: Int32Array): VectorModel {
  const column = trusted.getChild(name) as Vector;
  const size = listSize(column.type) ?? 0;
  const values = readLists(column, size);
  const centre = new Float32Array(size);
  for (const row of distinct) {
    for (let d = 0; d < size; d++) centre[d] = (centre[d] as number) + finite(values[row * size + d]) / distinct.length;
  }
  let squares = 0;
  for (const row of distinct) {
    for (let d = 0; d < size; d++) squares += (finite(values[row * size + d]) - (centre[d] as number)) ** 2;
  }
  return { name, centre, deviation: Math.sqrt(squares / Math.max(1, distinct.length * size)) || 1 };
}

/** Centred values in units of the deviation; missing ones stand at the centre. */
export function encodeVectors(model: VectorModel, table: Table): Matrix {
  const size = model.centre.length;
  const values = readLists(table.getChild(model.name) as Vector, size);
  const features = zeros(table.numRows, size);
  values.forEach((value, at) => {
    if (!Number.isFinite(value)) return;
    const z = (value - (model.centre[at % size] as number)) / model.deviation;
    features.data[at] = Math.max(-GREATEST_DEVIATIONS, Math.min(GREATEST_DEVIATIONS, z));
  });
  return features;
}

function finite(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) ? value : 0;
}
