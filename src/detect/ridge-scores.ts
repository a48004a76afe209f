import { fitRidge, fitWeights, gramSums, leaveOneOutScores, type Matrix, type Ridge } from '../linear/index.js';
import { RIDGE_TEMPERATURES, scaled, searchTemperature } from './class-probabilities.js';
import type { TrustedRows } from './contract.js';

/** λ as a share of the trusted rows, searched downhill from the middle. */
const LAMBDAS = [1e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 1e-1];
const FIRST_LAMBDA = 4;

interface RidgeScores {
  readonly ridge: Ridge;
  /** Leave-one-out class scores: rows × classes. */
  readonly scores: Matrix;
}

/** A ridge classifier whose scores are scaled so that their softmax is as probable as it can be. */
export interface TemperedRidge {
  readonly lambda: number;
  readonly temperature: number;
  /** dims × classes, temperature included. */
  readonly weights: Matrix;
  /** Leave-one-out class scores, temperature included: rows × classes. */
  readonly scores: Matrix;
}

export function fitTempered(trusted: TrustedRows): TemperedRidge {
  const { ridge, scores } = searchRidge(trusted);
  const temperature = searchTemperature(scores, trusted.labels, RIDGE_TEMPERATURES);
  const { lambda, weights } = ridge;
  return { lambda, temperature, weights: scaled(weights, 1 / temperature), scores: scaled(scores, 1 / temperature) };
}

/** The weights of other rows by the choices of an earlier fit. */
export function refitWeights(
  { features, labels, classes }: TrustedRows,
  { lambda, temperature }: Pick<TemperedRidge, 'lambda' | 'temperature'>,
): Matrix {
  return scaled(fitWeights(gramSums(features, labels, classes), lambda), 1 / temperature);
}

/** Steps along the grid while the leave-one-out squared error falls. */
function searchRidge(trusted: TrustedRows): RidgeScores {
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
