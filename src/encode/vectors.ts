import type { Table, Vector } from 'apache-arrow';
import { type FilterBank, type Matrix, poolResponses, selectRows, zeros } from '../linear/index.js';
import { listSize, readLists } from './columns.js';
import { fitFilters } from './filters.js';
import { pictureShape } from './picture-shape.js';

/** How the lists of a column of fixed size become features. Plain data. */
export interface VectorModel {
  readonly name: string;
  /** What pictures are told by; null where lists are taken as they are. */
  readonly filters: (FilterBank & Scale) | null;
  readonly centre: Float32Array;
  readonly deviation: number;
}

/** Of all cells of a column. */
interface Scale {
  readonly mean: number;
  readonly spread: number;
}

/** Keeps squares of features within single precision: a row whose scores overflow would go unjudged. */
const GREATEST_DEVIATIONS = 1e6;

/** Fits on distinct rows. */
export function fitVectors(trusted: Table, name: string, distinct: Int32Array): VectorModel {
  return fitModel(readTrusted(trusted, name, distinct), name, null);
}

/** The same for square pictures, which are told by what filters answer over each part of them. */
export function fitPictures(trusted: Table, name: string, distinct: Int32Array, seed: string): VectorModel {
  const cells = readTrusted(trusted, name, distinct);
  const shape = pictureShape(cells.cols);
  const scale = scaleOf(cells);
  const bank = shape && fitFilters(shape, scaledCells(scale, cells), `${seed}/${name}`);
  return fitModel(cells, name, bank === undefined ? null : { ...bank, ...scale });
}

function readTrusted(trusted: Table, name: string, distinct: Int32Array): Matrix {
  return selectRows(readCells(trusted, name, listSize((trusted.getChild(name) as Vector).type) ?? 0), distinct);
}

function readCells(table: Table, name: string, size: number): Matrix {
  return { rows: table.numRows, cols: size, data: readLists(table.getChild(name) as Vector, size) };
}

function fitModel(cells: Matrix, name: string, filters: VectorModel['filters']): VectorModel {
  const { rows, cols, data } = featuresOf(filters, cells);
  const centre = new Float32Array(cols);
  for (let at = 0; at < data.length; at++) {
    centre[at % cols] = (centre[at % cols] as number) + finite(data[at] as number) / rows;
  }
  let squares = 0;
  for (let at = 0; at < data.length; at++) squares += (finite(data[at] as number) - (centre[at % cols] as number)) ** 2;
  return { name, filters, centre, deviation: Math.sqrt(squares / Math.max(1, rows * cols)) || 1 };
}

function scaleOf({ data }: Matrix): Scale {
  let [sum, squares] = [0, 0];
  for (const value of data) sum += finite(value);
  const mean = sum / Math.max(1, data.length);
  for (const value of data) squares += (finite(value) - mean) ** 2;
  return { mean, spread: Math.sqrt(squares / Math.max(1, data.length)) || 1 };
}

/** What is missing is as the mean. */
function scaledCells({ mean, spread }: Scale, cells: Matrix): Matrix {
  const scaled = (value: number) => (Number.isNaN(value) ? 0 : bounded((value - mean) / spread));
  return { ...cells, data: cells.data.map(scaled) };
}

function featuresOf(filters: VectorModel['filters'], cells: Matrix): Matrix {
  return filters === null ? cells : poolResponses(filters, scaledCells(filters, cells));
}

/**
 * Centred values in units of the deviation, and a flag for what is missing that weighs as much as a whole usual row:
 * missing values stand at the centre, where nothing else would look odd about them; in a picture, where the mean pixel does.
 */
export function encodeVectors({ name, filters, centre, deviation }: VectorModel, table: Table): Matrix {
  const cells = readCells(table, name, filters === null ? centre.length : filters.side ** 2 * filters.channels);
  const features = featuresOf(filters, cells);
  const { rows, cols } = features;
  const encoded = zeros(rows, cols + 1);
  for (let row = 0, cell = 0, at = 0; row < rows; row++, at += cols + 1) {
    for (let d = 0; d < cols; d++, cell++) {
      const value = features.data[cell] as number;
      if (!Number.isNaN(value)) encoded.data[at + d] = bounded((value - (centre[d] as number)) / deviation);
    }
    encoded.data[at + cols] = (missingIn(cells, row) * Math.sqrt(cols)) / Math.max(1, cells.cols);
  }
  return encoded;
}

function missingIn({ cols, data }: Matrix, row: number): number {
  let missing = 0;
  for (let at = row * cols; at < (row + 1) * cols; at++) if (Number.isNaN(data[at] as number)) missing++;
  return missing;
}

function bounded(deviations: number): number {
  return Math.max(-GREATEST_DEVIATIONS, Math.min(GREATEST_DEVIATIONS, deviations));
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
