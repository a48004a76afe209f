import { type Histogram, ratioAt } from '../../detect/index.js';
import { permutationTail } from './permutation-tail.js';
import type { Statistic } from './statistic.js';
import type { Urn } from './tilted-urn.js';

/** Log ratios of a scope and of the trusted rows in one stratum. */
export interface RatioSample {
  readonly scope: Histogram;
  readonly trusted: Histogram;
}

export interface RatioTest {
  /** Σ n(w̄ scope − w̄ trusted) over strata, in nats. */
  readonly statistic: number;
  /** Standard deviation of the statistic when nothing distinguishes scope from trusted rows. */
  readonly deviation: number;
  readonly pValue: number;
}

/** Below this many deviations there is no evidence, and how little is not resolved: the p-value is 1. */
const RESOLVED_FROM = 0.5;

/**
 * Are the scope's log ratios, within strata, higher than the trusted ones by more than `allowance` nats in sum?
 *
 * Null law: within each stratum the scope's rows are drawn without replacement from scope and trusted rows together,
 * so that the sampling error of both is in it.
 */
export function testLikelihoodRatio(samples: readonly RatioSample[], allowance: number, seed: string): RatioTest {
  const compared = compareRatios(samples);
  const { statistic, deviation } = compared;
  return { statistic, deviation, pValue: tailBeyond(compared, allowance, seed) };
}

function tailBeyond({ statistic, deviation, strata }: Comparison, allowance: number, seed: string): number {
  const isResolved = deviation > 0 && statistic - allowance > RESOLVED_FROM * deviation;
  if (!isResolved) return 1;
  const observed = strata.reduce((sum, stratum) => sum + stratum.observed, 0);
  return permutationTail(strata, observed - allowance, seed);
}

type Comparison = Omit<RatioTest, 'pValue'> & { readonly strata: readonly Stratum[] };

function compareRatios(samples: readonly RatioSample[]): Comparison {
  const strata = samples.map(poolStratum).filter((stratum) => stratum !== undefined);
  const sum = (pick: (stratum: Stratum) => number) => strata.reduce((total, stratum) => total + pick(stratum), 0);
  const statistic = sum(({ observed, expected }) => observed - expected);
  return { statistic, deviation: Math.sqrt(sum(({ variance }) => variance)), strata };
}

/** Values are weighted so that their sums over the scope add to the statistic. */
interface Stratum extends Urn {
  readonly observed: number;
  readonly expected: number;
  readonly variance: number;
}

function poolStratum({ scope, trusted }: RatioSample): Stratum | undefined {
  const drawn = sizeOf(scope);
  const rest = sizeOf(trusted);
  if (drawn === 0 || rest === 0) return undefined;
  const total = drawn + rest;
  // S(1 + n/m) − n·total/m is n(w̄ scope − w̄ trusted).
  const weight = total / rest;
  const levels = [...new Set([...scope.keys(), ...trusted.keys()])].sort((a, b) => a - b);
  const values = Float64Array.from(levels, (level) => ratioAt(level) * weight);
  const inScope = Float64Array.from(levels, (level) => scope.get(level) ?? 0);
  const counts = Float64Array.from(levels, (level, i) => (inScope[i] as number) + (trusted.get(level) ?? 0));
  const observed = values.reduce((sum, value, i) => sum + value * (inScope[i] as number), 0);
  const mean = values.reduce((sum, value, i) => sum + value * (counts[i] as number), 0) / total;
  const squares = values.reduce((sum, value, i) => sum + (counts[i] as number) * (value - mean) ** 2, 0);
  const variance = total > 1 ? (drawn * rest * squares) / (total * (total - 1)) : 0;
  return { values, counts, drawn, total, observed, expected: drawn * mean, variance };
}

function sizeOf(histogram: Histogram): number {
  let size = 0;
  for (const count of histogram.values()) size += count;
  return size;
}

/** The likelihood ratio over all strata or one; a poisoned row raises it by `effect` nats. */
export function ratioStatistic(effect: number, seed: string, stratum?: number): Statistic {
  return (tally, calibration) => {
    const strata = stratum === undefined ? [...calibration.logRatios.keys()] : [stratum];
    const samples = strata.map((s) => ({
      scope: tally.logRatios[s] as Histogram,
      trusted: calibration.logRatios[s] as Histogram,
    }));
    const compared = compareRatios(samples);
    const rows = strata.reduce((sum, s) => sum + (tally.rows[s] as number), 0);
    return {
      excess: { value: compared.statistic, variance: compared.deviation ** 2, rows, rowsPerUnit: 1 / effect },
      pValueBeyond: (toleratedRows) => tailBeyond(compared, toleratedRows * effect, seed),
    };
  };
}
