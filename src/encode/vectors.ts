import type { Table, Vector } from 'apache-arrow';
import { type Matrix, zeros } from '../linear/index.js';
import { listSize, readLists } from './columns.js';

/** Centre and one deviation for all dimensions of a fixed-size list column: distances keep their proportions. */
export interface VectorModel {
  readonly name: string;
  readonly centre: Float32Array;
  readonly deviation: number;
}

/** Keeps squares of features within single precision: a row whose scores overflow would go unjudged. */
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

/**
 * Centred values in units of the deviation, and a flag for what is missing that weighs as much as a whole usual row:
 * missing values stand at the centre, where nothing else would look odd about them.
 */
export function encodeVectors(model: VectorModel, table: Table): Matrix {
  const size = model.centre.length;
  const values = readLists(table.getChild(model.name) as Vector, size);
  const features = zeros(table.numRows, size + 1);
  const { data } = features;
  for (let row = 0, cell = 0, at = 0; row < table.numRows; row++, at += size + 1) {
    for (let d = 0; d < size; d++, cell++) {
      const value = values[cell] as number;
      if (Number.isNaN(value)) data[at + size] = (data[at + size] as number) + 1 / Math.sqrt(size);
      else data[at + d] = bounded((value - (model.centre[d] as number)) / model.deviation);
    }
  }
  return features;
}

function bounded(deviations: number): number {
  return Math.max(-GREATEST_DEVIATIONS, Math.min(GREATEST_DEVIATIONS, deviations));
}

function finite(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) ? value : 0;
}
