import { fitLogistic, joinColumns, type Matrix, multiply, selectRows, zeros } from '../linear/index.js';
import { logLoss } from './class-probabilities.js';
import type { TrustedRows } from './contract.js';

/** Rows are scored by weights that were fitted on the other folds. */
const FOLDS = 4;
/** Pulls weights to those they start from, as so many rows would. */
const PENALTY = 20;
/** With more classes there are too many weights for the rows of any, and a fit takes minutes. */
const MOST_CLASSES = 160;
/** Rows of a fit, but for copies; more say little more of so few weights. */
const MOST_FITTED = 10_000;

/** Class scores and a constant, turned into log odds of the classes: (classes + 1) × classes. Null leaves scores as they are. */
export type Stack = Matrix | null;

export interface StackedScores {
  /** Means of the weights of all folds: a little better than those that score the rows here, so that new rows seem no worse than they are. */
  readonly stack: Stack;
  /** Class scores whose softmax is the probability of each class: rows × classes; of weights fitted without the row and its copies. */
  readonly scores: Matrix;
}

/**
 * Learns how probable each class is from `scores` of all of them by models that have not seen the row: rows × classes.
 * A ridge tells classes apart but not how probable they are: of 77 classes its softmax puts a fifth less of the flipped
 * labels first. Where that makes them no more probable, scores stay as they are. Learns what labels are wrong by habit as
 * well, so that the rows had better be trusted.
 */
export function fitStack(scores: Matrix, { labels, digests }: Pick<TrustedRows, 'labels' | 'digests'>): StackedScores {
  const classes = scores.cols;
  if (classes > MOST_CLASSES) return { stack: null, scores };
  const rows = withConstant(scores);
  const start = zeros(rows.cols, classes);
  for (let c = 0; c < classes; c++) start.data[c * classes + c] = 1;
  const stacked = zeros(rows.rows, classes);
  const stack = zeros(rows.cols, classes);
  for (let fold = 0; fold < FOLDS; fold++) {
    const { fitted, judged } = splitRows(labels, digests, fold);
    const targets = Int32Array.from(fitted, (row) => labels[row] as number);
    const own = fitLogistic(selectRows(rows, fitted), targets, start, PENALTY);
    const said = multiply(selectRows(rows, judged), own);
    judged.forEach((row, at) => {
      stacked.data.set(said.data.subarray(at * classes, (at + 1) * classes), row * classes);
    });
    own.data.forEach((weight, at) => {
      stack.data[at] = (stack.data[at] as number) + weight / FOLDS;
    });
  }
  // Of labels that nothing tells each fold learns how frequent they are in the others, and its own rows seem unlike new ones.
  const isBetter = logLoss(stacked, labels) < logLoss(scores, labels);
  return isBetter ? { stack, scores: stacked } : { stack: null, scores };
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

/** Class scores of any rows: rows × classes. */
export function stackScores(stack: Stack, scores: Matrix): Matrix {
  return stack === null ? scores : multiply(withConstant(scores), stack);
}

function withConstant(inputs: Matrix): Matrix {
  const constant = zeros(inputs.rows, 1);
  constant.data.fill(1);
  return joinColumns([inputs, constant], inputs.rows);
}
