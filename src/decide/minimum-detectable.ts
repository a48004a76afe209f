import type { Baseline } from '../baseline/index.js';
import type { ScopeOutcome } from './hierarchy.js';
import type { Trial } from './scope.js';
import { normalUpperQuantile } from './tests/distributions.js';
import type { MinimumDetectable, Policy } from './types.js';

/** Of the families' share of the rate, what is left for one of a scope's tests: four at most. */
const TESTS = 20;
/** Found in four of five cases. */
const MISSED = 0.2;

/**
 * Per kind, the least number of poisoned rows spread over the batch that its strongest test finds four times in five:
 * (N − tolerated)·effect ≥ (z of the level + z of the power) · standard deviation.
 */
export function minimumDetectable(
  { trials, rows }: ScopeOutcome,
  baseline: Baseline,
  policy: Policy,
): MinimumDetectable[] {
  const quantiles = normalUpperQuantile(policy.falseQuarantineRate / TESTS) + normalUpperQuantile(MISSED);
  return baseline.detectors.map(({ kind }) => {
    const counts = trials
      .filter((trial) => trial.kind === kind)
      .map((trial) => leastRows(trial, quantiles, policy.tolerance));
    const least = Math.ceil(Math.min(...counts));
    return { kind, rows: Number.isFinite(least) && least <= rows ? least : null };
  });
}

function leastRows({ excess }: Trial, quantiles: number, tolerance: number): number {
  return tolerance * excess.rows + quantiles * Math.sqrt(excess.variance) * excess.rowsPerUnit;
}
