import type { Table } from 'apache-arrow';
import { denseDimsOf, type Encoder, encodeRows } from '../../encode/index.js';
import { type Matrix, multiply, zeros } from '../../linear/index.js';
import { likeliestClass, logLoss } from '../class-probabilities.js';
import type { TrustedRows } from '../contract.js';
import { fitTempered } from '../ridge-scores.js';
import { fitStack, type Stack, stackScores } from '../stacked-scores.js';
import { type Forest, fitForest, voteOutOfBag } from './forest.js';
import { isKnown, type KnownRows, knowRows, readKnown } from './known-rows.js';

/**
 * Judges the labels of a batch by models of its own rows, each row by models that have not seen it or its copies: a
 * ridge classifier exactly leave-one-out, and a forest out of bag. Plain data.
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
  /** Of what the forest says, in the mixture. */
  readonly forestShare: number;
  /** Of the mixture. */
  readonly stack: Stack;
}

/** Of the votes of a forest, many of which are none. */
const LEAST_VOTE = 1e-3;
/** Shares of the forest that are tried. */
const SHARES = [0, 0.2, 0.35, 0.5, 0.65, 0.8, 1];
/**
 * With fewer classes what is probable is not learned: labels flipped from one class to one other would be taken for a habit
 * (4 to 9 in a tenth of the fours: average precision .45 instead of .88), and there is little to learn.
 */
const LEAST_STACKED_CLASSES = 32;

/** Fits on encoded rows of the batch; `scores` are class scores of those rows, rows × classes, whose softmax is the probability of each. */
export function fitJury(rows: TrustedRows, encoder: Encoder, seed: string): { jury: Jury; scores: Matrix } {
  const { labels, classes, digests, features } = rows;
  const { weights, scores: byRidge } = fitTempered(rows);
  const cols = denseDimsOf(encoder);
  const forest = cols === 0 ? null : fitForest({ features, cols, labels, classes, digests }, seed);
  const votes = forest === null ? null : logVotesOf(forest, features, digests);
  const forestShare = votes === null ? 0 : bestShare(byRidge, votes, labels);
  const mixed = mix(byRidge, votes, forestShare);
  const { stack, scores } = classes < LEAST_STACKED_CLASSES ? { stack: null, scores: mixed } : fitStack(mixed, rows);
  return { jury: { encoder, known: knowRows(digests, scores), weights, forest, forestShare, stack }, scores };
}

/** Class scores of any rows of the batch: rows × classes. */
export function hearJury(jury: Jury, table: Table, digests: Float64Array): Matrix {
  const { known } = jury;
  if (digests.every((digest) => isKnown(known, digest))) return readKnown(known, digests, zeros(0, 0));
  return readKnown(known, digests, hearAnew(jury, table, digests));
}

/** Rows that were changed, as the likeliest class; trees that have seen what they were say nothing, the ridge has seen it. */
export function callChanged(jury: Jury, table: Table, digests: Float64Array): Int32Array {
  const scores = hearAnew(jury, table, digests);
  return Int32Array.from(digests, (_, row) => likeliestClass(scores, row));
}

function hearAnew({ encoder, weights, forest, forestShare, stack }: Jury, table: Table, digests: Float64Array): Matrix {
  const { features } = encodeRows(encoder, table);
  const votes = forest === null ? null : logVotesOf(forest, features, digests);
  return stackScores(stack, mix(multiply(features, weights), votes, forestShare));
}

function logVotesOf(forest: Forest, features: Matrix, digests: Float64Array): Matrix {
  const votes = voteOutOfBag(forest, features, digests);
  return { ...votes, data: votes.data.map((vote) => Math.log(Math.max(vote, LEAST_VOTE))) };
}

/** The share at which the log loss is least: forests see edges, ridges see sums, and which it takes differs. */
function bestShare(byRidge: Matrix, votes: Matrix, labels: Int32Array): number {
  const losses = SHARES.map((share) => logLoss(mix(byRidge, votes, share), labels));
  return SHARES[losses.indexOf(Math.min(...losses))] as number;
}

/** Log odds of both, by shares: where either is sure that it is no class, so is the mixture. */
function mix(byRidge: Matrix, votes: Matrix | null, share: number): Matrix {
  if (votes === null || share === 0) return byRidge;
  return { ...byRidge, data: byRidge.data.map((odds, at) => (1 - share) * odds + share * (votes.data[at] as number)) };
}
