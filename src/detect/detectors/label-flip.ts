import { Bug } from '../../errors.js';
import { type Matrix, multiply, toProbabilities } from '../../linear/index.js';
import {
  GIVEN_TEMPERATURES,
  LEAST_PROBABILITY,
  oddsOfOthers,
  scaled,
  searchTemperature,
} from '../class-probabilities.js';
import type { Detector, Effect, Fitted, LabelledRows, RowEvidence, TrustedRows } from '../contract.js';
import { bestShare, mixOdds } from '../mixed-odds.js';
import { fitNaiveBayes, hearNaiveBayes, type NaiveBayes, refitNaiveBayes } from '../naive-bayes.js';
import { fitTempered, refitWeights, type TemperedRidge } from '../ridge-scores.js';
import { fitStack, type Stack, stackScores } from '../stacked-scores.js';
import { type BoostedTrees, fitByPart, fitWhole, hearByPart, hearWhole } from '../trees/boosted-trees.js';
import type { ForestRows } from '../trees/forest.js';

export interface LabelFlipModel {
  /** Of the class scores that the rows bring; null where they bring none. */
  readonly temperature: number | null;
  readonly ridge: (Omit<TemperedRidge, 'scores'> & Corrections & { readonly stack: Stack }) | null;
}

/** What others add to a ridge; each share is of what they say, in their mixture with those before. */
interface Corrections {
  /** Of texts; null where there are none, or they add nothing. */
  readonly words: NaiveBayes | null;
  readonly wordShare: number;
  /** Of dense columns; null as there. */
  readonly trees: BoostedTrees | null;
  readonly treeShare: number;
}

/** With more there is next to nothing to tell of any, and a jury has no more either. */
const MOST_WORD_CLASSES = 1000;
/** Share of flips at which the likelihood ratio is taken. */
const ASSUMED_SHARE = 0.05;
/**
 * Labels that contradict their features: by class scores that the rows bring, else by a ridge classifier on random
 * features, exactly leave-one-out on trusted rows, mixed with naive Bayes on texts and with boosted trees, by a logistic
 * regression on all. The score is how much more probable the other classes are than the given one: the geometric mean of
 * the likeliest and of their mean.
 */
export const labelFlip: Detector<LabelFlipModel> = {
  kind: 'label-flip',
  claim: 'carry a label that their features contradict',
  references: ['MITRE ATLAS AML.T0020', 'OWASP LLM04:2025', 'NIST AI 100-2 NISTAML.013'],
  perClass: true,
  boundsSupport: false,
  fit,
  refit,
  evaluate,
};

function fit(trusted: TrustedRows): Fitted<LabelFlipModel> | undefined {
  if (trusted.classes < 2) return undefined;
  const { givenScores } = trusted;
  const { model, scores } = givenScores === undefined ? fitOwn(trusted) : fitGiven(givenScores, trusted.labels);
  const labels = judgedLabels(scores, trusted.labels);
  return { model, evidence: judge(scores, labels), effect: measureEffect(scores, labels) };
}

interface FittedScores {
  readonly model: LabelFlipModel;
  /** Of trusted rows, rows × classes: their softmax is the probability of each class by a model that has not seen the row. */
  readonly scores: Matrix;
}

/** What the rows bring is as it is; of what is learned of them, how it is mixed stays. */
function refit(trusted: TrustedRows, { temperature, ridge }: LabelFlipModel): LabelFlipModel {
  if (ridge === null) return { temperature, ridge };
  const { words, trees } = ridge;
  const { texts, dense } = trusted;
  return {
    temperature,
    ridge: {
      ...ridge,
      weights: refitWeights(trusted, ridge),
      words: words && texts && refitNaiveBayes({ ...trusted, texts }, words),
      // Without some of the rows there may be too few to begin with trees, and what was chosen with them holds.
      trees: trees && dense && fitWhole(treeRows(trusted, dense), { leastRows: 0 }),
    },
  };
}

function fitGiven(given: Matrix, labels: Int32Array): FittedScores {
  const temperature = searchTemperature(given, judgedLabels(given, labels), GIVEN_TEMPERATURES);
  return { model: { temperature, ridge: null }, scores: scaled(given, 1 / temperature) };
}

function fitOwn(trusted: TrustedRows): FittedScores {
  const { scores: byRidge, ...ridge } = fitTempered(trusted);
  const { scores: byTwo, ...words } = fitWords(byRidge, trusted);
  const { scores: mixed, ...trees } = fitTrees(byTwo, trusted);
  const { stack, scores } = fitStack(mixed, trusted);
  return { model: { temperature: null, ridge: { ...ridge, ...words, ...trees, stack } }, scores };
}

type Mixed<Key extends keyof Corrections> = Pick<Corrections, Key> & { readonly scores: Matrix };

function fitWords(others: Matrix, { texts, ...labelled }: TrustedRows): Mixed<'words' | 'wordShare'> {
  const none = { words: null, wordShare: 0, scores: others };
  if (texts === null || labelled.classes > MOST_WORD_CLASSES) return none;
  const { model: words, scores } = fitNaiveBayes({ texts, ...labelled });
  const wordShare = bestShare(others, scores, labelled.labels);
  return wordShare === 0 ? none : { words, wordShare, scores: mixOdds(others, scores, wordShare) };
}

/** Trusted rows are judged by trees that have not seen them, others by trees that have seen all of those. */
function fitTrees(others: Matrix, trusted: TrustedRows): Mixed<'trees' | 'treeShare'> {
  const none = { trees: null, treeShare: 0, scores: others };
  const { dense, labels, digests } = trusted;
  if (dense === null) return none;
  const rows = treeRows(trusted, dense);
  const byPart = fitByPart(rows);
  const corrected = byPart && hearByPart(byPart, dense, digests);
  const treeShare = bestShare(others, corrected, labels);
  if (corrected === null || treeShare === 0) return none;
  return { trees: fitWhole(rows), treeShare, scores: mixOdds(others, corrected, treeShare) };
}

/** Without the constant, which is the last column. */
function treeRows({ labels, classes, digests }: TrustedRows, dense: Matrix): ForestRows {
  return { features: dense, cols: dense.cols - 1, labels, classes, digests };
}

function evaluate({ ridge, temperature }: LabelFlipModel, rows: LabelledRows): RowEvidence {
  const scores =
    ridge === null
      ? rows.givenScores && scaled(rows.givenScores, 1 / (temperature ?? 1))
      : stackScores(ridge.stack, scoreOwn(ridge, rows));
  if (scores === undefined) throw new Bug('label-flip was fitted on class scores that these rows do not bring');
  return judge(scores, judgedLabels(scores, rows.labels));
}

function scoreOwn(ridge: NonNullable<LabelFlipModel['ridge']>, { features, dense, texts }: LabelledRows): Matrix {
  const { weights, words, wordShare, trees, treeShare } = ridge;
  if ((words !== null && texts === null) || (trees !== null && dense === null))
    throw new Bug('label-flip was fitted on columns that these rows lack');
  const heard = words && texts && hearNaiveBayes(words, texts, weights.cols);
  const corrected = trees && dense && hearWhole(trees, dense);
  return mixOdds(mixOdds(multiply(features, weights), heard, wordShare), corrected, treeShare);
}

/** −1 also for rows without scores. */
function judgedLabels({ data, cols }: Matrix, labels: Int32Array): Int32Array {
  return labels.map((label, row) => (label >= 0 && Number.isNaN(data[row * cols + label]) ? -1 : label));
}

/** log of ((1 − ε)p + ε(1 − p)/(K − 1)) / p: a label of probability p under a share ε of uniform flips. */
function logRatioOf(probability: number, classes: number): number {
  const p = Math.max(probability, LEAST_PROBABILITY);
  return Math.log(1 - ASSUMED_SHARE + (ASSUMED_SHARE * (1 - p)) / ((classes - 1) * p));
}

function judge(scores: Matrix, labels: Int32Array): RowEvidence {
  const anomalyScore = new Float64Array(scores.rows).fill(Number.NaN);
  const logRatio = new Float64Array(scores.rows).fill(Number.NaN);
  const calledClass = new Int32Array(scores.rows).fill(-1);
  for (let row = 0; row < scores.rows; row++) {
    const label = labels[row] as number;
    if (label < 0) continue;
    const other = largestOther(scores, row, label);
    const lead =
      (scores.data[row * scores.cols + other] as number) - (scores.data[row * scores.cols + label] as number);
    const others = oddsOfOthers(label, scores, row);
    // From log odds, which do not saturate where probabilities do.
    anomalyScore[row] = 1 / (1 + Math.exp(-(lead + Math.log(others / (scores.cols - 1))) / 2));
    calledClass[row] = lead > 0 ? other : label;
    logRatio[row] = logRatioOf(1 / (1 + others), scores.cols);
  }
  return { anomalyScore, logRatio, calledClass };
}

function largestOther(scores: Matrix, row: number, label: number): number {
  const at = row * scores.cols;
  let other = label === 0 ? 1 : 0;
  for (let c = 0; c < scores.cols; c++) {
    if (c !== label && (scores.data[at + c] as number) > (scores.data[at + other] as number)) other = c;
  }
  return other;
}

/** Mean log ratio of trusted rows re-flipped uniformly, less that of the rows as they are; by class of given label. */
function measureEffect(scores: Matrix, labels: Int32Array): Effect {
  const classes = scores.cols;
  const kept = { sum: new Float64Array(classes), rows: new Float64Array(classes) };
  const flipped = { sum: new Float64Array(classes), rows: new Float64Array(classes) };
  const { data } = toProbabilities(scores);
  labels.forEach((label, row) => {
    if (label < 0) return;
    for (let c = 0; c < classes; c++) {
      const side = c === label ? kept : flipped;
      side.sum[c] = (side.sum[c] as number) + logRatioOf(data[row * classes + c] as number, classes);
      side.rows[c] = (side.rows[c] as number) + 1;
    }
  });
  const total = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);
  const overall = total(flipped.sum) / total(flipped.rows) - total(kept.sum) / total(kept.rows);
  const mean = (side: typeof kept, c: number) => (side.sum[c] as number) / Math.max(1, side.rows[c] as number);
  return { overall, byClass: Float64Array.from(kept.sum, (_, c) => mean(flipped, c) - mean(kept, c)) };
}
