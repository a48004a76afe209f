import { fitLogistic, joinColumns, type Matrix, multiply, selectRows, zeros } from '../linear/index.js';

/** Rows are scored by weights that were fitted on the other folds. */
const FOLDS = 4;
/** Pulls weights to those they start from, as so many rows would. */
const PENALTY = 20;
/** With more classes there are too many weights for the rows of any, and a fit takes minutes. */
const MOST_CLASSES = 200;
/** Rows of a fit; more say little more of so few weights. */
const MOST_FITTED = 10_000;

/** What classifiers say of rows, turned into log odds of the classes: (inputs + 1) × classes. */
export type Stack = Matrix;

export interface StackedScores {
  /** Means of the weights of all folds. */
  readonly stack: Stack;
  /** Class scores whose softmax is the probability of each class: rows × classes; of weights fitted without the row and its copies. */
  readonly scores: Matrix;
}

interface LabelsOfRows {
  readonly labels: Int32Array;
  /** Equal for copies, which share a fold. */
  readonly digests: Float64Array;
}

/**
 * Learns from `inputs` (rows × inputs: scores of classes by models that have not seen the row) how probable each class is,
 * starting from `start` (inputs × classes). A ridge tells classes apart but not how probable they are: of 77 classes
 * its softmax puts a fifth less of the flipped labels first.
 */
export function fitStack(inputs: Matrix, { labels, digests }: LabelsOfRows, start: Matrix): StackedScores {
  const rows = withConstant(inputs);
  const from = zeros(start.rows + 1, start.cols);
  from.data.set(start.data);
  if (start.cols > MOST_CLASSES) return { stack: from, scores: multiply(rows, from) };
  const scores = zeros(rows.rows, start.cols);
  const stack = zeros(from.rows, from.cols);
  for (let fold = 0; fold < FOLDS; fold++) {
    const { fitted, judged } = splitRows(labels, digests, fold);
    const targets = Int32Array.from(fitted, (row) => labels[row] as number);
    const weights = fitLogistic(selectRows(rows, fitted), targets, from, PENALTY);
    weights.data.forEach((weight, at) => {
      stack.data[at] = (stack.data[at] as number) + weight / FOLDS;
    });
    const said = multiply(selectRows(rows, judged), weights);
    judged.forEach((row, at) => {
      scores.data.set(said.data.subarray(at * said.cols, (at + 1) * said.cols), row * said.cols);
    });
  }
  return { stack, scores };
}

/** By digest, so that copies are together and the order of rows does not matter. */
function splitRows(labels: Int32Array, digests: Float64Array, fold: number): { fitted: number[]; judged: number[] } {
  const all = Array.from(labels.keys());
  const isOut = (row: number) => drawOf(digests[row] as number, FOLDS) === fold;
  const others = all.filter((row) => !isOut(row) && (labels[row] as number) >= 0);
  const isFitted = (row: number) => drawOf((digests[row] as number) / FOLDS, others.length) < MOST_FITTED;
  return { fitted: others.length <= MOST_FITTED ? others : others.filter(isFitted), judged: all.filter(isOut) };
}

/** A whole number below `count`, of all but the lowest bit, which divides rows in halves elsewhere. */
function drawOf(digest: number, count: number): number {
  return Math.floor(digest / 2) % count;
}

/** Takes every score of a class for `share` of its log odds: classes × classes. */
export function identityOf(classes: number, share: number): Matrix {
  const matrix = zeros(classes, classes);
  for (let c = 0; c < classes; c++) matrix.data[c * classes + c] = share;
  return matrix;
}

/** Class scores of any rows: rows × classes. */
export function stackScores(stack: Stack, inputs: Matrix): Matrix {
  return multiply(withConstant(inputs), stack);
}

function withConstant(inputs: Matrix): Matrix {
  const constant = zeros(inputs.rows, 1);
  constant.data.fill(1);
  return joinColumns([inputs, constant], inputs.rows);
}
