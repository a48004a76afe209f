import { gammaln } from 'simple-statistics';

/**
 * What bets against "these p-values are no smaller than chance makes them" have won, batch after batch. Sums only: the
 * order of the batches does not matter.
 */
export interface Wealth {
  readonly bets: number;
  /** Σ −log p, in nats. */
  readonly surprise: number;
  /** Log wealth of each of SLEEPERS. */
  readonly sleepers: readonly number[];
}

/**
 * Smaller p-values count as this: what one batch proves by itself is for its own tests to say, and a batch that was
 * held and repaired must not condemn its source for ever. So it takes at least three.
 */
const LEAST_P = 0.001;

/**
 * Bets of 1 − share + share · ε p^(ε−1): on sources that are good in most batches and bad in some. They lose little on
 * the good ones, where a bet on all batches loses so much that a long good record would cover any poison after it.
 */
const SLEEPERS = [0.5, 0.2, 0.1, 0.05].flatMap((share) =>
  [0.1, 0.2, 0.35, 0.5, 0.7].map((epsilon) => ({ share, epsilon })),
);

export const NO_BETS: Wealth = { bets: 0, surprise: 0, sleepers: SLEEPERS.map(() => 0) };

/** The wealth after a bet on one more p-value. */
export function addBet({ bets, surprise, sleepers }: Wealth, pValue: number): Wealth {
  const nats = -Math.log(Math.min(1, Math.max(LEAST_P, pValue)));
  return {
    bets: bets + 1,
    surprise: surprise + nats,
    sleepers: sleepers.map((log, index) => {
      const { share, epsilon } = SLEEPERS[index] as (typeof SLEEPERS)[number];
      return log + Math.log1p(share * (epsilon * Math.exp((1 - epsilon) * nats) - 1));
    }),
  };
}

/**
 * Log of an e-value: its expectation is at most 1 where no p-value is smaller than chance makes it, and the probability
 * that it ever reaches 1/α is at most α (Ville 1939). Half of the stake is the mixture over ε of Π ε p^(ε−1), the other
 * half lies on the sleepers.
 */
export function logEValue({ bets, surprise, sleepers }: Wealth): number {
  return logMean([logMixture(bets, surprise), logMean(sleepers)]);
}

const HALVINGS = 40;

/** The greatest p-value that would raise the log e-value to `logAlarm`; undefined where none would, however small. */
export function alarmingPValue(wealth: Wealth, logAlarm: number): number | undefined {
  const raises = (pValue: number) => logEValue(addBet(wealth, pValue)) >= logAlarm;
  if (!raises(LEAST_P)) return undefined;
  if (raises(1)) return 1;
  let [low, high] = [LEAST_P, 1];
  for (let step = 0; step < HALVINGS; step++) {
    const middle = (low + high) / 2;
    if (raises(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * log ∫₀¹ εⁿ exp((1 − ε)S) dε = log Σ_k S^k n!/(n + k + 1)!: the mixture over all ε of products of ε p^(ε−1) (Vovk and
 * Wang 2021). All terms are positive and summed outwards from the largest, so that nothing cancels or overflows.
 */
function logMixture(n: number, surprise: number): number {
  if (surprise === 0) return -Math.log(n + 1);
  const peak = Math.max(0, Math.floor(surprise - n - 1));
  const logPeak = peak * Math.log(surprise) + gammaln(n + 1) - gammaln(n + peak + 2);
  let sum = 0;
  for (let k = peak, term = 1; term > sum * Number.EPSILON; k++) {
    sum += term;
    term *= surprise / (n + k + 2);
  }
  for (let k = peak, term = (n + peak + 1) / surprise; k > 0 && term > sum * Number.EPSILON; k--) {
    sum += term;
    term *= (n + k) / surprise;
  }
  return logPeak + Math.log(sum);
}

function logMean(logs: readonly number[]): number {
  const most = Math.max(...logs);
  return most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0) / logs.length);
}
