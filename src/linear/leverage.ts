import { type Matrix, type Rows, selectRows, toMatrix } from './matrix.js';
import { crossProduct, multiply, projectedNorms, squaredNorms } from './products.js';
import { type CopyGroups, fitRidge, type GramSums, remainder } from './ridge.js';
import { mainDirections, trace } from './subspace.js';
import { symmetricEigen } from './symmetric-eigen.js';

/**
 * How far a row lies from the fitted ones: zᵀ(ZᵀZ + λI)⁻¹z. Exact, or, where it is wide and fitted on many rows, exact
 * within the subspace of greatest variance and by the average elsewhere: a fifth of the cost, the same ranking.
 */
export type LeverageModel =
  | {
      /** L⁻ᵀ of ZᵀZ + λI = LLᵀ. */
      readonly whitening: Matrix;
    }
  | Subspace;

interface Subspace {
  /** Orthonormal columns that have nothing in common over the fitted rows: dims × rank. */
  readonly basis: Matrix;
  /** Of each of them 1 / (square sum + λ): rank × 1. */
  readonly weights: Matrix;
  /** The same of a direction outside, in the mean. */
  readonly outsideWeight: number;
}

const RANK = 80;
/** A subspace needs so many rows a direction, or it would fit the very rows that it was found from. */
const ROWS_PER_DIRECTION = 12;
/** Of the rows that a subspace is fitted on, each judged by the others. */
const PARTS = 8;
/** Wide enough for the subspace to save work. */
const LEAST_DIMS = 2 * RANK;
const POWER_STEPS = 12;

/** `rows`: distinct ones. */
function isWorthIt(dims: number, rows: number): boolean {
  return dims > LEAST_DIMS && rows >= ROWS_PER_DIRECTION * RANK;
}

function fitSubspace({ gram, dims }: Pick<GramSums, 'gram' | 'dims'>, lambda: number): Subspace {
  const symmetric = toMatrix(gram, dims, dims);
  const span = mainDirections(symmetric, RANK, POWER_STEPS);
  const inside = crossProduct(span, multiply(symmetric, span));
  const { values, vectors } = symmetricEigen(symmetrised(inside, RANK), RANK);
  const outside = (trace(gram, dims) - trace(inside, RANK)) / (dims - RANK);
  const weightOf = (sum: number) => 1 / (Math.max(0, sum) + lambda);
  return {
    basis: multiply(span, toMatrix(vectors, RANK, RANK)),
    weights: toMatrix(values.map(weightOf), RANK, 1),
    outsideWeight: weightOf(outside),
  };
}

/** Without what rounding has made of either half. */
function symmetrised(square: Float64Array, size: number): Float64Array {
  return square.map((value, at) => {
    const [row, column] = [Math.floor(at / size), at % size];
    return (value + (square[column * size + row] as number)) / 2;
  });
}

/** Of rows that the model was not fitted on. */
export function leverages(model: LeverageModel, rows: Rows): Float64Array {
  if ('whitening' in model) return Float64Array.from(squaredNorms(rows, model.whitening).data);
  const { basis, weights, outsideWeight } = model;
  const { inside, outside } = projectedNorms(rows, basis, weights);
  return Float64Array.from(inside, (h, row) => h + Math.max(0, outside[row] as number) * outsideWeight);
}

interface FittedRows {
  readonly copies: CopyGroups;
  /** By row: equal for copies alone. */
  readonly digests: Float64Array;
}

/**
 * Fits on rows at `lambda`, and gives each of them what a row that was not fitted on gets: without itself and its copies,
 * h / (1 − s·h) for s copies, exactly; where a subspace is used, by that of the other parts. A subspace lies nearer to the
 * rows that it was found from than to any others, as much as these have no directions of their own, and no correction of
 * single rows makes that good.
 */
export function fitLeverages(
  rows: Matrix,
  lambda: number,
  { copies, digests }: FittedRows,
): { readonly model: LeverageModel; readonly own: Float64Array } {
  const gram = crossProduct(rows, rows);
  const dims = rows.cols;
  const distinct = copies.sizes.length;
  const model = modelOf({ gram, dims }, lambda, distinct);
  if ('whitening' in model) return { model, own: leaveOneOut(squaredNorms(rows, model.whitening).data, copies) };
  const own = new Float64Array(rows.rows);
  for (const groups of dealOut(copies, digests)) {
    const chosen = [...copies.groupOf.keys()].filter((row) => groups.has(copies.groupOf[row] as number));
    const part = selectRows(rows, chosen);
    const others = crossProduct(part, part);
    for (let at = 0; at < others.length; at++) others[at] = (gram[at] as number) - (others[at] as number);
    // Fewer rows have smaller sums, and their leverages are greater by as much.
    const share = 1 - groups.size / distinct;
    leverages(fitSubspace({ gram: others, dims }, share * lambda), part).forEach((h, at) => {
      own[chosen[at] as number] = share * h;
    });
  }
  return { model, own };
}

/** The model alone, of rows of which so many are distinct. */
export function fitLeverageModel(rows: Matrix, lambda: number, distinct: number): LeverageModel {
  return modelOf({ gram: crossProduct(rows, rows), dims: rows.cols }, lambda, distinct);
}

function modelOf(sums: Pick<GramSums, 'gram' | 'dims'>, lambda: number, distinct: number): LeverageModel {
  if (isWorthIt(sums.dims, distinct)) return fitSubspace(sums, lambda);
  return { whitening: fitRidge({ ...sums, moments: new Float64Array(0), classes: 0 }, lambda).whitening };
}

function leaveOneOut(own: Float32Array, { groupOf, sizes }: CopyGroups): Float64Array {
  return Float64Array.from(own, (h, row) => h / remainder(h, sizes[groupOf[row] as number] as number));
}

/** Groups of copies in the order of their digests, by turns: no part has more of them than another, whatever they are. */
function dealOut({ groupOf, sizes }: CopyGroups, digests: Float64Array): ReadonlySet<number>[] {
  const digestOf = new Float64Array(sizes.length);
  groupOf.forEach((group, row) => {
    digestOf[group] = digests[row] as number;
  });
  const ordered = [...digestOf.keys()].sort((a, b) => (digestOf[a] as number) - (digestOf[b] as number));
  return Array.from({ length: PARTS }, (_, part) => new Set(ordered.filter((_group, at) => at % PARTS === part)));
}
