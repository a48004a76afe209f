import { fromResident, leftColumns, type Matrix, type Rows } from '../linear/index.js';
import { denseDimsOf, type Encoder } from './encoder.js';
import { deviationsOf } from './number.js';
import { isFolded, type TabularModel } from './tabular.js';

/** How to give dense features back what encoding took from them. Plain data. */
export interface UnitWeights {
  /** Dense columns without expansion. */
  readonly dims: number;
  /** Inverse of what expansion scaled them by. */
  readonly factor: number;
  /** Places of numbers. */
  readonly numbers: readonly { readonly offset: number; readonly weight: number }[];
}

/**
 * How far a deviation may lie from the median one before it counts as a mere choice of unit: columns measured alike
 * (pixels, grades, shares) stay within it.
 */
const GREATEST_RATIO = 16;

export function unitWeightsOf(encoder: Encoder): UnitWeights {
  const { tabular, expansion } = encoder;
  return {
    dims: denseDimsOf(encoder),
    factor: 1 / (expansion?.scale ?? 1),
    numbers: tabular === null || isFolded(tabular) ? [] : numberWeights(tabular),
  };
}

/**
 * Dense columns (rows × dims, without expansion) with numbers given back part of what encoding took: far values their
 * distance, which is what makes a row unlike others, and columns the square root of their deviation relative to the
 * median one. What varies little tells little where columns share a unit, and no choice of unit may drown the others.
 */
export function unitWeighted({ dims, factor, numbers }: UnitWeights, features: Rows): Matrix {
  const left = fromResident(leftColumns(features, dims));
  const dense = { ...left, data: left.data.map((value) => value * factor) };
  for (const { offset, weight } of numbers) {
    for (let row = 0; row < dense.rows; row++) {
      const at = row * dims + offset;
      dense.data[at] = weight * deviationsOf(dense.data[at] as number);
    }
  }
  return dense;
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
