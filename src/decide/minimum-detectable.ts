import type { Baseline } from '../baseline/index.js';
import type { ScopeOutcome } from './families.js';
import type { Trial } from './scope.js';
import { normalUpperQuantile } from './significance/distributions.js';
import type { MinimumDetectable, Policy } from './types.js';

/** Of the families' share of the rate, what is left for one of a scope's tests: four at most. */
const TESTS = 20;
/** Found in four of five cases. */
const MISSED = 0.2;
/** The quantile depends on the number sought; it settles at once. */
const STEPS = 5;

/**
 * Per kind, the least number of poisoned rows spread over the batch that its most general test finds four times in five:
 * the least N with (N − tolerated) · effect ≥ (z of the level + z of the power) · standard deviation.
 */
export function minimumDetectable(
  { trials, rows }: ScopeOutcome,
  baseline: Baseline,
  policy: Policy,
): MinimumDetectable[] {
  const level = policy.falseQuarantineRate / TESTS;
  const fewest = fewestSurprising(rows, baseline.distinctRows, level);
  return baseline.detectors.map(({ kind }) => {
    const own = trials.filter((trial) => trial.kind === kind);
    const trial = own.find(({ test }) => test === 'likelihood-ratio') ?? own[0];
    if (trial === undefined) return { kind, rows: null };
    const least = Math.max(fewest, Math.ceil(leastRows(trial, level, rows / baseline.distinctRows)));
    return { kind, rows: least <= rows ? least : null };
  });
}

/**
 * In a permutation law the poison is part of what is drawn from: with r rows of the scope per trusted row, N poisoned
 * rows add r·N rows² to the variance and r·N rows³ to the third cumulant. The latter raises the quantile (Cornish and
 * Fisher 1938), the former makes N the solution of a quadratic equation.
 */
function leastRows({ test, excess, tolerated }: Trial, level: number, rowsPerTrusted: number): number {
  const own = test === 'likelihood-ratio' ? rowsPerTrusted : 0;
  const variance = excess.variance * excess.rowsPerUnit ** 2;
  const quantile = normalUpperQuantile(level);
  const power = normalUpperQuantile(MISSED);
  let least = 0;
  for (let step = 0; step < STEPS; step++) {
    const skewness = own === 0 ? 0 : (own * least) / (variance + own * least) ** 1.5 || 0;
    const quantiles = quantile + power + ((quantile ** 2 - 1) * skewness) / 6;
    const half = tolerated + (quantiles ** 2 * own) / 2;
    least = half + Math.sqrt(Math.max(0, half ** 2 - tolerated ** 2 + quantiles ** 2 * variance));
  }
  return least;
}

/** So many rows that are all worse than every trusted one fall into the scope by chance no oftener than the level says. */
function fewestSurprising(rows: number, trusted: number, level: number): number {
  let chance = 1;
  for (let count = 0; count < rows; count++) {
    if (chance <= level) return count;
    chance *= (rows - count) / (rows + trusted - count);
  }
  return rows + 1;
}
