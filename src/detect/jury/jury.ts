import type { Table } from 'apache-arrow';
import { denseDimsOf, type Encoder, encodeRows } from '../../encode/index.js';
import { type Matrix, multiply, zeros } from '../../linear/index.js';
import type { TrustedRows } from '../contract.js';
import { probabilities, RIDGE_TEMPERATURES, searchTemperature } from '../detectors/label-flip.js';
import { searchRidge } from '../ridge-scores.js';
import { type Forest, fitForest, voteOutOfBag } from './forest.js';
import { isKnown, type KnownRows, knowRows, readKnown } from './known-rows.js';

/**
 * Judges the labels of a batch by models of its own rows, each row by models that have not seen it or its copies: a
 * ridge classifier exactly leave-one-out, a forest out of bag. Plain data.
 */
export interface Jury {
  /** Fitted on the rows that the models were fitted on, without their labels. */
  readonly encoder: Encoder;
  /** What it says of those rows. */
  readonly known: KnownRows;
  readonly ridge: { readonly weights: Matrix; readonly temperature: number };
  /** Null where there are no dense columns. */
  readonly forest: Forest | null;
  /** Of the forest's probabilities in the mixture. */
  readonly forestShare: number;
}

/** Bounds what one row can add to the choice of a share. */
const LEAST_JUDGED = 1e-4;
/** Rows are ranked by probabilities down to this: among 150 classes many a label has less than 1e-4 of them. */
const LEAST_PROBABILITY = 1e-9;
/** Shares of the forest that are tried. */
const SHARES = [0, 0.2, 0.35, 0.5, 0.65, 0.8, 1];

export interface JuryRows extends TrustedRows {
  readonly digests: Float64Array;
}

/** Fits on encoded rows of the batch; `scores` are log probabilities of those rows, rows × classes. */
export function fitJury(rows: JuryRows, encoder: Encoder, seed: string): { jury: Jury; scores: Matrix } {
  const { labels, classes, digests, features } = rows;
  const { ridge, scores: margins } = searchRidge(rows);
  const temperature = searchTemperature(margins, labels, RIDGE_TEMPERATURES);
  const byRidge = softmax(margins, temperature);
  const cols = denseDimsOf(encoder);
  const forest = cols === 0 ? null : fitForest({ features, cols, labels, classes, digests }, seed);
  const byForest = forest === null ? byRidge : voteOutOfBag(forest, features, digests);
  const forestShare = forest === null ? 0 : bestShare(byRidge, byForest, labels);
  const scores = logMixture(byRidge, byForest, forestShare);
  const known = knowRows(digests, scores);
  return { jury: { encoder, known, ridge: { weights: ridge.weights, temperature }, forest, forestShare }, scores };
}

/** Log probabilities of any rows of the batch: rows × classes. */
export function hearJury(jury: Jury, table: Table, digests: Float64Array): Matrix {
  const { encoder, known, ridge, forest, forestShare } = jury;
  if (digests.every((digest) => isKnown(known, digest))) return readKnown(known, digests, zeros(0, 0));
  const { features } = encodeRows(encoder, table);
  const byRidge = softmax(multiply(features, ridge.weights), ridge.temperature);
  const byForest = forest === null ? byRidge : voteOutOfBag(forest, features, digests);
  return readKnown(known, digests, logMixture(byRidge, byForest, forestShare));
}

/** The share at which the mixture's log loss is least: forests see edges, ridges see sums, and which it takes differs. */
function bestShare(byRidge: Matrix, byForest: Matrix, labels: Int32Array): number {
  const lossAt = (share: number) => {
    let loss = 0;
    labels.forEach((label, row) => {
      if (label < 0) return;
      const at = row * byRidge.cols + label;
      const mixed = (1 - share) * (byRidge.data[at] as number) + share * (byForest.data[at] as number);
      loss -= Math.log(Math.max(mixed, LEAST_JUDGED));
    });
    return loss;
  };
  const losses = SHARES.map(lossAt);
  return SHARES[losses.indexOf(Math.min(...losses))] as number;
}

function logMixture(byRidge: Matrix, byForest: Matrix, share: number): Matrix {
  const mixed = byRidge.data.map((probability, at) =>
    Math.log(Math.max((1 - share) * probability + share * (byForest.data[at] as number), LEAST_PROBABILITY)),
  );
  return { ...byRidge, data: mixed };
}

function softmax(scores: Matrix, temperature: number): Matrix {
  const shares = zeros(scores.rows, scores.cols);
  for (let row = 0; row < scores.rows; row++) {
    shares.data.set(probabilities(scores, row, temperature), row * scores.cols);
  }
  return shares;
}
