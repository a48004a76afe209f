import type { Baseline } from '../baseline/index.js';
import type { DripOutcome } from './drip/index.js';
import type { ScopeOutcome } from './families.js';
import type { Trial } from './scope.js';
import { normalUpperQuantile } from './significance/distributions.js';
import type { MinimumDetectable } from './types.js';

/** Of a scope: what is left of the family's level for one of them. */
const TESTS = 4;
/** Found in four of five cases. */
const MISSED = 0.2;
const EVEN_CHANCE = 0.5;
/** The quantile depends on the number sought; it settles at once. */
const STEPS = 5;

/** What a batch is tested by. */
interface Tests {
  readonly batch: ScopeOutcome;
  /** Of each family. */
  readonly level: number;
  /** Undefined without a ledger. */
  readonly drip: DripOutcome | undefined;
}

/**
 * Per kind, the least number of poisoned rows spread over the batch that its most general test finds four times in five,
 * or with a ledger all batches together: the least N with
 * (N − tolerated) · effect ≥ (z of the level + z of the power) · standard deviation.
 */
export function minimumDetectable({ batch, level, drip }: Tests, baseline: Baseline): MinimumDetectable[] {
  const { trials, rows } = batch;
  const rowsPerTrusted = rows / baseline.distinctRows;
  const leastOf = (test: LeastTest, ofLevel: number) =>
    Math.max(
      fewestSurprising(rows, baseline.distinctRows, ofLevel),
      Math.ceil(leastRows(test, ofLevel, rowsPerTrusted)),
    );
  return baseline.detectors.map(({ kind }) => {
    const own = trials.filter((trial) => trial.kind === kind);
    const trial = own.find(({ test }) => test === 'likelihood-ratio') ?? own[0];
    if (trial === undefined) return { kind, rows: null };
    const alone = leastOf(trial, level / TESTS);
    const least = Math.min(alone, ...wholeTests(drip, kind).map(({ test, pValue }) => leastOf(test, pValue)));
    return { kind, rows: least <= rows ? least : null };
  });
}

/** The tests that the ledger's account of the whole batch rests on, each with the p-value at which it raises the alarm. */
function wholeTests(drip: DripOutcome | undefined, kind: MinimumDetectable['kind']) {
  const pValue = drip?.alarming.get(kind);
  const tests = drip?.whole.find((one) => one.kind === kind)?.tests.filter(({ excess }) => excess.rows > 0) ?? [];
  if (pValue === undefined) return [];
  return tests.map(({ isGraded, excess, allowed }) => ({
    test: { test: isGraded ? 'likelihood-ratio' : 'tail-count', excess, tolerated: allowed } as const,
    // Where any batch would raise it, one that is worse than most is asked for.
    pValue: Math.min(EVEN_CHANCE, pValue / tests.length),
  }));
}

type LeastTest = Pick<Trial, 'test' | 'excess' | 'tolerated'>;

/**
 * In a permutation law the poison is part of what is drawn from: with r rows of the scope per trusted row, N poisoned
 * rows add r·N rows² to the variance and r·N rows³ to the third cumulant. The latter raises the quantile (Cornish and
 * Fisher 1938), the former makes N the solution of a quadratic equation.
 */
function leastRows({ test, excess, tolerated }: LeastTest, level: number, rowsPerTrusted: number): number {
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
