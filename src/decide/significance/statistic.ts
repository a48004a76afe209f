import { type FittedDetector, MIN_BLOCKS } from '../../baseline/index.js';
import type { Calibration, Tally } from '../../detect/index.js';
import { studentTail } from './distributions.js';

/** How far a set of rows exceeds the trusted rows, in the statistic's own unit. */
export interface Excess {
  readonly value: number;
  /** When nothing distinguishes the rows. */
  readonly variance: number;
  readonly rows: number;
  /** Rows of poison per unit of the statistic. */
  readonly rowsPerUnit: number;
}

export interface Measured {
  readonly excess: Excess;
  /** Exact p-value of "more than `toleratedRows` rows of excess". */
  pValueBeyond(toleratedRows: number): number;
}

/** A quantity that compares a tally with a calibration; `index` says which of the tally's threshold sets belongs to it. */
export type Statistic = (tally: Tally, calibration: Calibration, index: number) => Measured;

export interface Tested {
  readonly pValue: number;
  /** Its variance includes the spread between blocks where that is known. */
  readonly excess: Excess;
  /** What is allowed for, in rows. */
  readonly tolerated: number;
}

/** What could only raise so high a p-value need not be known: no test rejects at it by far. */
const HIGH_ENOUGH = 0.5;

/**
 * What a scope is compared with, and which of its threshold sets belongs to it: all trusted rows and distinct ones, and
 * both as they would be if they lay as the batch does.
 */
export function calibrationsOf({ calibrations }: FittedDetector): { calibration: Calibration; index: number }[] {
  const plain = calibrations.map((calibration, index) => ({ calibration, index }));
  const tilted = plain.flatMap(({ calibration, index }) =>
    calibration.tilted === undefined ? [] : [{ calibration: calibration.tilted, index }],
  );
  return [...plain, ...tilted];
}

/**
 * Tests a scope against the trusted rows. Batches differ without being poisoned: with five trusted blocks or more the
 * spread between blocks is allowed for, with fewer the policy's tolerance. With copies among the trusted rows the
 * worse of two p-values counts, of all rows and of distinct ones: the first is right where equal rows are drawn
 * independently, the second where rows were copied. Rows that lie elsewhere than the trusted ones are compared with
 * these weighted to lie there as well.
 */
export function testStatistic(statistic: Statistic, scope: Tally, detector: FittedDetector, tolerance: number): Tested {
  const test = ({ calibration, index }: { calibration: Calibration; index: number }): Tested => {
    const measured = statistic(scope, calibration, index);
    const blocks = detector.blocks
      .map((block) => statistic(block.tally, block.calibration, 0).excess)
      .filter(({ rows }) => rows > 0);
    if (blocks.length < MIN_BLOCKS) {
      const tolerated = tolerance * measured.excess.rows;
      return { pValue: measured.pValueBeyond(tolerated), excess: measured.excess, tolerated };
    }
    const excess = { ...measured.excess, variance: varianceBetween(measured.excess, blocks) };
    const pValue = Math.max(measured.pValueBeyond(0), blockPValue(measured.excess, blocks));
    return { pValue, excess, tolerated: 0 };
  };
  const [first, ...others] = calibrationsOf(detector);
  let worst = test(first as { calibration: Calibration; index: number });
  for (const other of others) {
    if (worst.pValue > HIGH_ENOUGH) break;
    const next = test(other);
    if (next.pValue > worst.pValue) worst = next;
  }
  return worst;
}

/** Student tail of the excess over its sampling variance and the variance between trusted blocks. */
export function blockPValue(scope: Excess, blocks: readonly Excess[]): number {
  const variance = varianceBetween(scope, blocks);
  if (variance === 0) return scope.value > 0 ? 0 : 1;
  return studentTail(scope.value / Math.sqrt(variance), blocks.length - 1);
}

/** The excess's sampling variance and what blocks vary beyond theirs. */
function varianceBetween(scope: Excess, blocks: readonly Excess[]): number {
  const count = blocks.length;
  const rates = blocks.map(({ value, rows }) => value / rows);
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / count;
  const observed = rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / (count - 1);
  const sampling = blocks.reduce((sum, { variance, rows }) => sum + variance / rows ** 2, 0) / count;
  return scope.variance + scope.rows ** 2 * Math.max(0, observed - sampling) * (1 + 1 / count);
}
