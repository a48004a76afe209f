import { Bug } from '../../errors.js';
import { type Matrix, multiply } from '../../linear/index.js';
import type { Detector, Effect, Fitted, LabelledRows, RowEvidence, TrustedRows } from '../contract.js';
import { fitRidgeAt, searchRidge } from '../ridge-scores.js';

export interface LabelFlipModel {
  readonly temperature: number;
  /** Null where the rows bring class scores of their own. */
  readonly ridge: {
    readonly lambda: number;
    /** dims × classes. */
    readonly weights: Matrix;
  } | null;
}

/** Where the temperature is searched: of ridge scores, which lie about 0 and 1, and of log probabilities. */
export const RIDGE_TEMPERATURES = [0.01, 2] as const;
const GIVEN_TEMPERATURES = [0.1, 10] as const;

/** Share of flips at which the likelihood ratio is taken. */
const ASSUMED_SHARE = 0.05;
/** Below this the model's probability says nothing more: bounds what one row can add to a test. */
const LEAST_PROBABILITY = 1e-4;
/**
 * Labels that contradict their features: by class scores that the rows bring, else by a ridge classifier on random
 * features, exactly leave-one-out on trusted rows. The score is how much more probable the likeliest other class is than the given one.
 */
export const labelFlip: Detector<LabelFlipModel> = {
  kind: 'label-flip',
  claim: 'carry a label that their features contradict',
  references: ['MITRE ATLAS AML.T0020', 'OWASP LLM04:2025', 'NIST AI 100-2 NISTAML.013'],
  perClass: true,
  boundsSupport: false,
  fit,
  evaluate,
};

function fit(trusted: TrustedRows, tuned?: LabelFlipModel): Fitted<LabelFlipModel> | undefined {
  if (trusted.classes < 2) return undefined;
  const { ridge, scores, temperatures } =
    trusted.givenScores === undefined ? ofRidge(trusted, tuned) : ofGiven(trusted.givenScores);
  const labels = judgedLabels(scores, trusted.labels);
  const temperature = tuned?.temperature ?? searchTemperature(scores, labels, temperatures);
  return {
    model: { temperature, ridge },
    evidence: judge(scores, labels, temperature),
    effect: measureEffect(scores, labels, temperature),
  };
}

/** Class scores of trusted rows, rows × classes, none of them by a model that has seen the row. */
interface ClassScores {
  readonly scores: Matrix;
  readonly ridge: LabelFlipModel['ridge'];
  readonly temperatures: readonly [number, number];
}

function ofGiven(scores: Matrix): ClassScores {
  return { scores, ridge: null, temperatures: GIVEN_TEMPERATURES };
}

function ofRidge(trusted: TrustedRows, tuned: LabelFlipModel | undefined): ClassScores {
  const lambda = tuned?.ridge?.lambda;
  const { ridge, scores } = lambda === undefined ? searchRidge(trusted) : fitRidgeAt(trusted, lambda);
  return { scores, ridge: { lambda: ridge.lambda, weights: ridge.weights }, temperatures: RIDGE_TEMPERATURES };
}

function evaluate({ ridge, temperature }: LabelFlipModel, rows: LabelledRows): RowEvidence {
  const scores = ridge === null ? rows.givenScores : multiply(rows.features, ridge.weights);
  if (scores === undefined) throw new Bug('label-flip was fitted on class scores that these rows do not bring');
  return judge(scores, judgedLabels(scores, rows.labels), temperature);
}

/** −1 also for rows without scores. */
function judgedLabels({ data, cols }: Matrix, labels: Int32Array): Int32Array {
  return labels.map((label, row) => (label >= 0 && Number.isNaN(data[row * cols + label]) ? -1 : label));
}

/** The softmax temperature of least leave-one-out log loss, by golden-section search over its logarithm. */
export function searchTemperature(
  scores: Matrix,
  labels: Int32Array,
  [least, greatest]: readonly [number, number],
): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  const loss = (logTemperature: number) => logLoss(scores, labels, Math.exp(logTemperature));
  let low = Math.log(least);
  let high = Math.log(greatest);
  for (let step = 0; step < 20; step++) {
    const width = (high - low) * ratio;
    if (loss(high - width) < loss(low + width)) high = low + width;
    else low = high - width;
  }
  return Math.exp((low + high) / 2);
}

function logLoss(scores: Matrix, labels: Int32Array, temperature: number): number {
  let sum = 0;
  for (let row = 0; row < scores.rows; row++) {
    const label = labels[row] as number;
    if (label >= 0) sum -= Math.log(Math.max(probabilityOf(label, scores, row, temperature), LEAST_PROBABILITY));
  }
  return sum;
}

/** Softmax of one class alone: at millions of rows an array for each would cost more than all else here. */
function probabilityOf(label: number, { data, cols }: Matrix, row: number, temperature: number): number {
  const at = row * cols;
  const own = data[at + label] as number;
  let sum = 0;
  for (let c = 0; c < cols; c++) sum += Math.exp(((data[at + c] as number) - own) / temperature);
  return 1 / sum;
}

export function probabilities(scores: Matrix, row: number, temperature: number): Float64Array {
  const at = row * scores.cols;
  let largest = -Infinity;
  for (let c = 0; c < scores.cols; c++) largest = Math.max(largest, scores.data[at + c] as number);
  const values = new Float64Array(scores.cols);
  let sum = 0;
  for (let c = 0; c < scores.cols; c++) {
    const value = Math.exp(((scores.data[at + c] as number) - largest) / temperature);
    values[c] = value;
    sum += value;
  }
  for (let c = 0; c < scores.cols; c++) values[c] = (values[c] as number) / sum;
  return values;
}

/** log of ((1 − ε)p + ε(1 − p)/(K − 1)) / p: a label of probability p under a share ε of uniform flips. */
function logRatioOf(probability: number, classes: number): number {
  const p = Math.max(probability, LEAST_PROBABILITY);
  return Math.log(1 - ASSUMED_SHARE + (ASSUMED_SHARE * (1 - p)) / ((classes - 1) * p));
}

function judge(scores: Matrix, labels: Int32Array, temperature: number): RowEvidence {
  const anomalyScore = new Float64Array(scores.rows).fill(Number.NaN);
  const logRatio = new Float64Array(scores.rows).fill(Number.NaN);
  const calledClass = new Int32Array(scores.rows).fill(-1);
  for (let row = 0; row < scores.rows; row++) {
    const label = labels[row] as number;
    if (label < 0) continue;
    const at = row * scores.cols;
    const given = scores.data[at + label] as number;
    const other = largestOther(scores, row, label);
    // p_other / (p_other + p_given), from the margin so that it does not saturate before the margin does.
    anomalyScore[row] = 1 / (1 + Math.exp((given - (scores.data[at + other] as number)) / temperature));
    calledClass[row] = (scores.data[at + other] as number) > given ? other : label;
    logRatio[row] = logRatioOf(probabilityOf(label, scores, row, temperature), scores.cols);
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
function measureEffect(scores: Matrix, labels: Int32Array, temperature: number): Effect {
  const classes = scores.cols;
  const kept = { sum: new Float64Array(classes), rows: new Float64Array(classes) };
  const flipped = { sum: new Float64Array(classes), rows: new Float64Array(classes) };
  for (let row = 0; row < scores.rows; row++) {
    const label = labels[row] as number;
    if (label < 0) continue;
    probabilities(scores, row, temperature).forEach((probability, c) => {
      const side = c === label ? kept : flipped;
      side.sum[c] = (side.sum[c] as number) + logRatioOf(probability, classes);
      side.rows[c] = (side.rows[c] as number) + 1;
    });
  }
  const total = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);
  const overall = total(flipped.sum) / total(flipped.rows) - total(kept.sum) / total(kept.rows);
  const mean = (side: typeof kept, c: number) => (side.sum[c] as number) / Math.max(1, side.rows[c] as number);
  return { overall, byClass: Float64Array.from(kept.sum, (_, c) => mean(flipped, c) - mean(kept, c)) };
}
