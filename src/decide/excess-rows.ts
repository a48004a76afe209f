import type { Excess } from './significance/statistic.js';
import type { ExcessRows } from './types.js';

export type { Excess };

const INTERVAL_DEVIATIONS = 1.96;

/** At least 1 row, at most all, with the 95 % interval from the null variance. */
export function estimateRows({ value, variance, rowsPerUnit }: Excess, rows: number): ExcessRows {
  const within = (count: number, least: number) => Math.round(Math.max(least, Math.min(rows, count)));
  const half = INTERVAL_DEVIATIONS * Math.sqrt(variance) * rowsPerUnit;
  const centre = value * rowsPerUnit;
  return { estimate: within(centre, 1), low: within(centre - half, 0), high: within(centre + half, 1) };
}
