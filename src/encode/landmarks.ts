import { Bug } from '../errors.js';
import { cholesky, inverseTransposed, type Matrix, multiply } from '../linear/index.js';
import { type InvertedIndex, indexRows, similarityMatrix } from './similarity.js';
import type { SparseRows } from './text.js';

/** Dense features whose inner products are those of the sparse rows, as far as the landmarks span them (Nyström). */
export interface Landmarks {
  readonly index: InvertedIndex;
  /** landmarks × landmarks. */
  readonly transform: Matrix;
}

/** Keeps the factorisation stable where landmarks are nearly alike. */
const JITTER = 1e-3;

/** Fits on the rows at `chosen`. */
export function fitLandmarks(texts: SparseRows, chosen: Int32Array): Landmarks {
  const index = indexRows(texts, chosen);
  const size = chosen.length;
  const all = similarityMatrix(index, texts);
  const gram = new Float64Array(size * size);
  chosen.forEach((row, i) => {
    for (let j = 0; j < size; j++) gram[i * size + j] = all.data[row * size + j] as number;
    gram[i * size + i] = (gram[i * size + i] as number) + JITTER;
  });
  const factor = cholesky(gram, size);
  if (factor === undefined) throw new Bug('kernel of the landmarks is not positive definite');
  return {
    index,
    transform: { rows: size, cols: size, data: Float32Array.from(inverseTransposed(factor)) },
  };
}

/** rows × landmarks. */
export function projectOnLandmarks(landmarks: Landmarks, texts: SparseRows): Matrix {
  return multiply(similarityMatrix(landmarks.index, texts), landmarks.transform);
}
