import type { Table } from 'apache-arrow';
import { denseDimsOf, type Encoder, encodeRows } from '../../encode/index.js';
import { type Matrix, multiply, zeros } from '../../linear/index.js';
import { likeliestClass } from '../class-probabilities.js';
import type { TrustedRows } from '../contract.js';
import { bestShare, mixOdds } from '../mixed-odds.js';
import { fitNaiveBayes, hearNaiveBayes, type NaiveBayes } from '../naive-bayes.js';
import { fitTempered } from '../ridge-scores.js';
import { fitStack, type Stack, stackScores } from '../stacked-scores.js';
import { type BoostedTrees, fitByPart, hearByPart } from '../trees/boosted-trees.js';
import { type Forest, fitForest, voteOutOfBag } from '../trees/forest.js';
import { type CopyLabels, heedCopies, readCopyLabels } from './copy-labels.js';
import { isKnown, type KnownRows, knowRows, readKnown } from './known-rows.js';

/**
 * Judges the labels of a batch by models of its own rows, each row by models that have not seen it or its copies: a
 * ridge classifier and naive Bayes exactly leave-one-out, a forest out of bag and boosted trees without its part; and by
 * copies that have another label. Plain data.
 */
export interface Jury {
  /** Fitted on the rows that the models were fitted on, without their labels. */
  readonly encoder: Encoder;
  /** What it says of those rows. */
  readonly known: KnownRows;
  /** The labels of those rows where copies differ in them. */
  readonly copies: CopyLabels;
  /** Of the ridge: dims × classes. */
  readonly weights: Matrix;
  /** Null where there is no text, or they add nothing. */
  readonly words: NaiveBayes | null;
  /** This and other shares: of what they say, in their mixture with those before. */
  readonly wordShare: number;
  /** Null where there are no dense columns, or it adds nothing. */
  readonly forest: Forest | null;
  readonly forestShare: number;
  /** Null where they would take too long, or add nothing. */
  readonly boosted: BoostedTrees | null;
  readonly boostedShare: number;
  /** Of the mixture of all. */
  readonly stack: Stack;
}

/** Of the votes of a forest, many of which are none. */
const LEAST_VOTE = 1e-3;
/** A forest does nearly as well on more, and in less time. */
const MOST_BOOSTED_CLASSES = 12;
/**
 * With fewer classes what is probable is not learned: labels flipped from one class to one other would be taken for a habit
 * (4 to 9 in a tenth of the fours: average precision .45 instead of .88), and there is little to learn.
 */
const LEAST_STACKED_CLASSES = 32;

/** Fits on encoded rows of the batch; `scores` as of `hearJury`. */
export function fitJury(rows: TrustedRows, encoder: Encoder, seed: string): { jury: Jury; scores: Matrix } {
  const { labels, classes, digests, features, texts, copies: groups } = rows;
  const { weights, scores: byRidge } = fitTempered(rows);
  const heard = texts && fitNaiveBayes({ texts, labels, classes, copies: groups });
  const wordShare = bestShare(byRidge, heard?.scores ?? null, labels);
  const bySums = mixOdds(byRidge, heard?.scores ?? null, wordShare);
  const cols = denseDimsOf(encoder);
  const toGrow = { features, cols, labels, classes, digests };
  const forest = cols === 0 ? null : fitForest(toGrow, seed);
  const boosted = cols === 0 ? null : fitByPart(toGrow, { mostClasses: MOST_BOOSTED_CLASSES });
  const votes = forest && logVotesOf(forest, features, digests);
  const forestShare = bestShare(bySums, votes, labels);
  const byVotes = mixOdds(bySums, votes, forestShare);
  const corrected = boosted && hearByPart(boosted, features, digests);
  const boostedShare = bestShare(byVotes, corrected, labels);
  const mixed = mixOdds(byVotes, corrected, boostedShare);
  const { stack, scores } = classes < LEAST_STACKED_CLASSES ? { stack: null, scores: mixed } : fitStack(mixed, rows);
  const known = knowRows(digests, scores);
  const copies = readCopyLabels(digests, labels, scores);
  const jury = {
    ...{ encoder, known, copies, weights, stack },
    ...{ words: wordShare === 0 || heard === null ? null : heard.model, wordShare },
    ...{ forest: forestShare === 0 ? null : forest, forestShare },
    ...{ boosted: boostedShare === 0 ? null : boosted, boostedShare },
  };
  return { jury, scores: heedCopies(copies, digests, labels, scores) };
}

/**
 * Class scores of any rows of the batch, rows × classes, whose softmax is the probability of each by everything but the
 * row's own label and copies that have the same.
 */
export function hearJury(jury: Jury, table: Table, digests: Float64Array, labels: Int32Array): Matrix {
  const { known, copies } = jury;
  const areKnown = digests.every((digest) => isKnown(known, digest));
  const others = areKnown ? zeros(0, 0) : hearAnew(jury, table, digests);
  return heedCopies(copies, digests, labels, readKnown(known, digests, others));
}

/** Rows that were changed, as the likeliest class; trees that have seen what they were say nothing, the ridge has seen it. */
export function callChanged(jury: Jury, table: Table, digests: Float64Array): Int32Array {
  const scores = hearAnew(jury, table, digests);
  return Int32Array.from(digests, (_, row) => likeliestClass(scores, row));
}

function hearAnew(jury: Jury, table: Table, digests: Float64Array): Matrix {
  const { encoder, weights, words, wordShare, forest, forestShare, boosted, boostedShare, stack } = jury;
  const { features, texts } = encodeRows(encoder, table);
  const heard = words && texts && hearNaiveBayes(words, texts, weights.cols);
  const votes = forest && logVotesOf(forest, features, digests);
  const corrected = boosted && hearByPart(boosted, features, digests);
  const bySums = mixOdds(multiply(features, weights), heard, wordShare);
  return stackScores(stack, mixOdds(mixOdds(bySums, votes, forestShare), corrected, boostedShare));
}

function logVotesOf(forest: Forest, features: Matrix, digests: Float64Array): Matrix {
  const votes = voteOutOfBag(forest, features, digests);
  return { ...votes, data: votes.data.map((vote) => Math.log(Math.max(vote, LEAST_VOTE))) };
}
