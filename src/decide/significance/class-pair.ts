import type { Histogram } from '../../detect/index.js';
import { hypergeometricTail } from './distributions.js';
import type { Statistic } from './statistic.js';

/** How many rows labelled `given` the model calls `called`, against the trusted rows: Fisher's exact test. */
export function pairStatistic(given: number, called: number, classes: number): Statistic {
  return (tally, calibration) => {
    const scope = countPair(tally.calls, given, called, classes);
    const trusted = countPair(calibration.calls, given, called, classes);
    const total = scope.rows + trusted.rows;
    const share = total === 0 ? 0 : (scope.pairs + trusted.pairs) / total;
    const expected = trusted.rows === 0 ? scope.pairs : (scope.rows * trusted.pairs) / trusted.rows;
    // Of n·(x/n − y/m).
    const variance = trusted.rows === 0 ? 0 : (scope.rows * share * (1 - share) * total) / trusted.rows;
    return {
      excess: { value: scope.pairs - expected, variance, rows: scope.rows, rowsPerUnit: 1 },
      pValueBeyond: (toleratedRows) =>
        hypergeometricTail(scope.pairs - Math.floor(toleratedRows), scope.rows, scope.pairs + trusted.pairs, total),
    };
  };
}

function countPair(calls: Histogram, given: number, called: number, classes: number): { pairs: number; rows: number } {
  let rows = 0;
  for (let c = 0; c < classes; c++) rows += calls.get(given * classes + c) ?? 0;
  return { pairs: calls.get(given * classes + called) ?? 0, rows };
}
