import type { Table } from 'apache-arrow';
import { denseDimsOf, type Encoder, encodeRows } from '../../encode/index.js';
import { joinColumns, type Matrix, multiply, zeros } from '../../linear/index.js';
import { likeliestClass, logLoss } from '../class-probabilities.js';
import type { TrustedRows } from '../contract.js';
import { fitTempered } from '../ridge-scores.js';
import { fitStack, identityOf, type Stack, stackScores } from '../stacked-scores.js';
import { type Forest, fitForest, voteOutOfBag } from './forest.js';
import { isKnown, type KnownRows, knowRows, readKnown } from './known-rows.js';

/**
 * Judges the labels of a batch by models of its own rows, each row by models that have not seen it or its copies: a
 * ridge classifier exactly leave-one-out, a forest out of bag, and a logistic regression on what both say. Plain data.
 */
export interface Jury {
  /** Fitted on the rows that the models were fitted on, without their labels. */
  readonly encoder: Encoder;
  /** What it says of those rows. */
  readonly known: KnownRows;
  /** Of the ridge: dims × classes. */
  readonly weights: Matrix;
  /** Null where there are no dense columns. */
  readonly forest: Forest | null;
  /** Of what both say. */
  readonly stack: Stack;
}

/** Of the votes of a forest, many of which are none. */
const LEAST_VOTE = 1e-3;
/** Shares of the forest that are tried. */
const SHARES = [0, 0.2, 0.35, 0.5, 0.65, 0.8, 1];

/** Fits on encoded rows of the batch; `scores` are class scores of those rows, rows × classes, whose softmax is the probability of each. */
export function fitJury(rows: TrustedRows, encoder: Encoder, seed: string): { jury: Jury; scores: Matrix } {
  const { labels, classes, digests, features } = rows;
  const { weights, scores: byRidge } = fitTempered(rows);
  const cols = denseDimsOf(encoder);
  const forest = cols === 0 ? null : fitForest({ features, cols, labels, classes, digests }, seed);
  const said = withVotes(byRidge, forest, features, digests);
  const { stack, scores } = fitStack(said, rows, startOf(said, labels, classes));
  return { jury: { encoder, known: knowRows(digests, scores), weights, forest, stack }, scores };
}

/** Class scores of any rows of the batch: rows × classes. */
export function hearJury(jury: Jury, table: Table, digests: Float64Array): Matrix {
  const { known } = jury;
  if (digests.every((digest) => isKnown(known, digest))) return readKnown(known, digests, zeros(0, 0));
  return readKnown(known, digests, hearAnew(jury, table, digests));
}

/** Rows that were changed, as the likeliest class; trees that have seen what they were say nothing. */
export function callChanged(jury: Jury, table: Table, digests: Float64Array): Int32Array {
  const scores = hearAnew(jury, table, digests);
  return Int32Array.from(digests, (_, row) => likeliestClass(scores, row));
}

function hearAnew({ encoder, weights, forest, stack }: Jury, table: Table, digests: Float64Array): Matrix {
  const { features } = encodeRows(encoder, table);
  const said = withVotes(multiply(features, weights), forest, features, digests);
  return stackScores(stack, said);
}

/** What the ridge says of each class and, beside it, the logarithms of the forest's votes. */
function withVotes(byRidge: Matrix, forest: Forest | null, features: Matrix, digests: Float64Array): Matrix {
  if (forest === null) return byRidge;
  const votes = voteOutOfBag(forest, features, digests);
  const logVotes = { ...votes, data: votes.data.map((vote) => Math.log(Math.max(vote, LEAST_VOTE))) };
  return joinColumns([byRidge, logVotes], byRidge.rows);
}

/** The share of the forest at which the log loss is least: forests see edges, ridges see sums, and which it takes differs. */
function startOf(said: Matrix, labels: Int32Array, classes: number): Matrix {
  if (said.cols === classes) return identityOf(classes, 1);
  const starts = SHARES.map((share): Matrix => {
    const [ridge, forest] = [identityOf(classes, 1 - share), identityOf(classes, share)];
    return { rows: said.cols, cols: classes, data: Float32Array.of(...ridge.data, ...forest.data) };
  });
  const losses = starts.map((start) => logLoss(multiply(said, start), labels));
  return starts[losses.indexOf(Math.min(...losses))] as Matrix;
}
