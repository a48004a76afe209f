import { leftColumns, type Matrix } from '../linear/index.js';
import type { EncodedRows, Encoder } from './encoder.js';
import { deviationsOf } from './number.js';
import type { TabularModel } from './tabular.js';

/**
 * How far a deviation may lie from the median one before it counts as a mere choice of unit: columns measured alike
 * (pixels, grades, shares) stay within it.
 */
const GREATEST_RATIO = 16;

/**
 * Dense columns (rows × dims, without expansion) with numbers given back part of what encoding took: far values their
 * distance, which is what makes a row unlike others, and columns the square root of their deviation relative to the
 * median one. What varies little tells little where columns share a unit, and no choice of unit may drown the others.
 */
export function unitWeighted({ tabular, vectors, expansion }: Encoder, { rows, features }: EncodedRows): Matrix {
  const vectorDims = vectors.reduce((sum, { centre }) => sum + centre.length + 1, 0);
  const dense = copyLeft(features, (tabular?.dims ?? 0) + vectorDims, 1 / (expansion?.scale ?? 1));
  for (const { offset, weight } of tabular === null ? [] : numberWeights(tabular)) {
    for (let row = 0; row < rows; row++) {
      const at = row * dense.cols + offset;
      dense.data[at] = weight * deviationsOf(dense.data[at] as number);
    }
  }
  return dense;
}

function copyLeft(features: Matrix, cols: number, factor: number): Matrix {
  const left = leftColumns(features, cols);
  return { ...left, data: left.data.map((value) => value * factor) };
}

function numberWeights({ columns }: TabularModel): { offset: number; weight: number }[] {
  const numbers = columns.flatMap(({ offset, model }) => (model.kind === 'number' ? [{ offset, ...model }] : []));
  const sorted = numbers
    .map(({ deviation }) => deviation)
    .filter((deviation) => deviation > 0)
    .sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1] ?? 1;
  return numbers.map(({ offset, deviation }) => {
    const ratio = Math.min(GREATEST_RATIO, Math.max(1 / GREATEST_RATIO, (deviation || median) / median));
    return { offset, weight: Math.sqrt(ratio) };
  });
}
