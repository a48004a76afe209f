import { leftColumns, type Matrix } from '../linear/index.js';
import type { EncodedRows, Encoder } from './encoder.js';
import type { TabularModel } from './tabular.js';

/**
 * How far a deviation may lie from the median one before it counts as a mere choice of unit: columns measured alike
 * (pixels, grades, shares) stay within it.
 */
const GREATEST_RATIO = 16;

/**
 * Dense columns (rows × dims, without expansion) with numbers given back part of what standardising took: the square
 * root of their deviation relative to the median one. What varies little tells little where columns share a unit, and
 * no choice of unit may drown the others.
 */
export function unitWeighted(encoder: Encoder, { features }: EncodedRows): Matrix {
  const weights = unitWeights(encoder);
  const dense = leftColumns(features, weights.length);
  return { ...dense, data: dense.data.map((value, at) => value * (weights[at % weights.length] as number)) };
}

function unitWeights({ tabular, vectors }: Encoder): Float32Array {
  const vectorDims = vectors.reduce((sum, { centre }) => sum + centre.length + 1, 0);
  const weights = new Float32Array((tabular?.dims ?? 0) + vectorDims).fill(1);
  for (const { offset, deviation } of tabular === null ? [] : numberColumns(tabular)) weights[offset] = deviation;
  return weights;
}

/** Places of varying numbers with their weights. */
function numberColumns({ columns }: TabularModel): { offset: number; deviation: number }[] {
  const numbers = columns.flatMap(({ offset, model }) =>
    model.kind === 'number' && model.deviation > 0 ? [{ offset, deviation: model.deviation }] : [],
  );
  const sorted = numbers.map(({ deviation }) => deviation).sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1] ?? 1;
  return numbers.map(({ offset, deviation }) => {
    const ratio = Math.min(GREATEST_RATIO, Math.max(1 / GREATEST_RATIO, deviation / median));
    return { offset, deviation: Math.sqrt(ratio) };
  });
}
