import { fitRidge, gramSums, leaveOneOutScores, type Matrix, multiply, type Ridge } from '../../linear/index.js';
import type { Detector, Effect, Fitted, RowEvidence, TrustedRows } from '../contract.js';

export interface LabelFlipModel {
  readonly lambda: number;
  readonly temperature: number;
  /** dims × classes. */
  readonly weights: Matrix;
}

/** Share of flips at which the likelihood ratio is taken. */
const ASSUMED_SHARE = 0.05;
/** Below this the model's probability says nothing more: bounds what one row can add to a test. */
const LEAST_PROBABILITY = 1e-4;
/** λ as a share of the trusted rows, searched downhill from the middle. */
const LAMBDAS = [1e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 1e-1];
const FIRST_LAMBDA = 4;

/**
 * Labels that contradict their features: a ridge classifier on random features, exactly leave-one-out on trusted rows.
 * The score is how much more probable the likeliest other class is than the given one.
 */
export const labelFlip: Detector<LabelFlipModel> = {
  kind: 'label-flip',
  title: 'labels contradict the features',
  claim: 'carry a label that their features contradict',
  references: ['MITRE ATLAS AML.T0020', 'OWASP LLM04:2025', 'NIST AI 100-2 NISTAML.013'],
  perClass: true,
  boundsSupport: false,
  fit,
  evaluate: (model, rows) => judge(multiply(rows.features, model.weights), rows.labels, model.temperature),
};

function fit(trusted: TrustedRows, tuned?: LabelFlipModel): Fitted<LabelFlipModel> | undefined {
  if (trusted.classes < 2) return undefined;
  const { ridge, scores } = tuned === undefined ? searchLambda(trusted) : fitAt(trusted, tuned.lambda);
  const temperature = tuned?.temperature ?? searchTemperature(scores, trusted.labels);
  return {
    model: { lambda: ridge.lambda, temperature, weights: ridge.weights },
    evidence: judge(scores, trusted.labels, temperature),
    effect: measureEffect(scores, trusted.labels, temperature),
  };
}

interface ScoredFit {
  readonly ridge: Ridge;
  /** Leave-one-out class scores: rows × classes. */
  readonly scores: Matrix;
}

function fitAt(trusted: TrustedRows, lambda: number): ScoredFit {
  const sums = gramSums(trusted.features, trusted.labels, trusted.classes);
  const ridge = fitRidge(sums, lambda);
  return { ridge, scores: leaveOneOutScores(ridge, trusted.features, trusted.labels, trusted.copies) };
}

/** Steps along the grid while the leave-one-out squared error falls. */
function searchLambda(trusted: TrustedRows): ScoredFit {
  const sums = gramSums(trusted.features, trusted.labels, trusted.classes);
  const attempt = (step: number) => {
    const ridge = fitRidge(sums, (LAMBDAS[step] as number) * trusted.rows);
    const scores = leaveOneOutScores(ridge, trusted.features, trusted.labels, trusted.copies);
    return { step, ridge, scores, error: squaredError(scores, trusted.labels) };
  };
  let best = attempt(FIRST_LAMBDA);
  for (const direction of [-1, 1]) {
    const start = best.step;
    for (let step = start + direction; step >= 0 && step < LAMBDAS.length; step += direction) {
      const next = attempt(step);
      if (next.error >= best.error) break;
      best = next;
    }
    if (best.step !== start) break;
  }
  return best;
}

function squaredError(scores: Matrix, labels: Int32Array): number {
  let sum = 0;
  scores.data.forEach((score, at) => {
    const label = labels[Math.floor(at / scores.cols)] as number;
    if (label >= 0) sum += (score - (at % scores.cols === label ? 1 : 0)) ** 2;
  });
  return sum;
}

/** The softmax temperature of least leave-one-out log loss, by golden-section search over its logarithm. */
function searchTemperature(scores: Matrix, labels: Int32Array): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  const loss = (logTemperature: number) => logLoss(scores, labels, Math.exp(logTemperature));
  let low = Math.log(0.01);
  let high = Math.log(2);
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
    if (label >= 0)
      sum -= Math.log(Math.max(probabilities(scores, row, temperature)[label] as number, LEAST_PROBABILITY));
  }
  return sum;
}

function probabilities(scores: Matrix, row: number, temperature: number): Float64Array {
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
    logRatio[row] = logRatioOf(probabilities(scores, row, temperature)[label] as number, scores.cols);
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
