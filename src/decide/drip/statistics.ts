import type { FittedDetector } from '../../baseline/index.js';
import { TAIL_SHARES } from '../../detect/index.js';
import type { LedgerBet } from '../../schema/index.js';
import { normalTail } from '../significance/distributions.js';
import { ratioStatistic } from '../significance/likelihood-ratio.js';
import type { Excess, Measured, Statistic } from '../significance/statistic.js';
import { tailStatistic } from '../significance/tail-count.js';

interface DripStatistic {
  readonly statistic: Statistic;
  /** Index into TAIL_SHARES; undefined for the likelihood ratio. */
  readonly share?: number;
  /** True where the p-values of small excesses can be told apart. */
  readonly isGraded: boolean;
}

/** One test where a model of poison says how much each row weighs, else the tail counts at every share. */
export function dripStatistics({ effect }: FittedDetector, seed: string): DripStatistic[] {
  return effect !== null && effect.overall > 0
    ? [{ statistic: ratioStatistic(effect.overall, seed), isGraded: true }]
    : [...TAIL_SHARES.keys()].map((share) => ({ statistic: tailStatistic(share), share, isGraded: false }));
}

const GRADED_BELOW = 0.5;

/**
 * In a batch's own tests an excess below half a standard deviation has p = 1, and no more is needed. Across batches it
 * is: what little each one shows adds up, and a good batch speaks for its source (in simulations of mild poison without
 * this, 400 batches were not enough where 150 are). So near the mean the normal law is near enough.
 */
export function gradedPValue(measured: Measured, toleratedRows: number): number {
  const { value, variance, rowsPerUnit } = measured.excess;
  const deviations = (value - toleratedRows / rowsPerUnit) / Math.sqrt(variance);
  return deviations > GRADED_BELOW ? measured.pValueBeyond(toleratedRows) : normalTail(deviations);
}

/** The bet on the least p-value, paid for by the number of tests; none where there is nothing to compare. */
export function leastBet(
  kind: LedgerBet['kind'],
  tested: readonly { readonly pValue: number; readonly excess: Excess }[],
): LedgerBet[] {
  const [first, ...others] = tested.filter(({ excess }) => excess.rows > 0 && excess.variance > 0);
  if (first === undefined) return [];
  const { pValue, excess } = others.reduce((least, next) => (next.pValue < least.pValue ? next : least), first);
  const { value, variance, rowsPerUnit } = excess;
  return [
    {
      kind,
      pValue: Math.min(1, pValue * (others.length + 1)),
      excessRows: value * rowsPerUnit,
      variance: variance * rowsPerUnit ** 2,
    },
  ];
}
