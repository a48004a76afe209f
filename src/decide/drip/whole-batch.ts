import { type Baseline, type FittedDetector, MIN_BLOCKS } from '../../baseline/index.js';
import { type Calibration, type Histogram, ratioAt, TAIL_SHARES, type Tally } from '../../detect/index.js';
import type { FindingKind, LedgerBet } from '../../schema/index.js';
import type { Merged } from '../merge.js';
import { blockPValue, calibrationsOf, type Excess, type Statistic, testStatistic } from '../significance/statistic.js';
import { dripStatistics, gradedPValue, leastBet } from './statistics.js';

/**
 * Trusted rows are a sample, and its error is the same in every batch that is compared with them: it would add up to an
 * alarm. So as much is allowed for as it reaches three times in a hundred thousand, once for all batches.
 */
const STANDARD_ERRORS = 4;

/** One test of a batch as a whole. */
export interface WholeTest {
  readonly isGraded: boolean;
  readonly pValue: number;
  readonly excess: Excess;
  /** Rows that may behave badly before any count against the batch. */
  readonly allowed: number;
}

/** All tests of a batch as a whole by one detector; the least p-value counts, paid for by their number. */
export interface WholeMeasure {
  readonly kind: FindingKind;
  readonly tests: readonly WholeTest[];
}

/** Compares a batch with trusted rows, over and above the tolerance and what their sampling error explains. */
export function measureWhole(baseline: Baseline, all: Merged, tolerance: number, seed: string): WholeMeasure[] {
  return baseline.detectors.map((detector, index) => {
    const tally = all.perDetector[index] as Tally;
    const statistics = dripStatistics(detector, `${seed}/drip`);
    return {
      kind: detector.kind,
      tests: statistics.map(({ statistic, share, isGraded }) => {
        // As in testStatistic: of all trusted rows and distinct ones, as they are and weighted, the worst counts.
        const tested = calibrationsOf(detector).map(({ calibration, index: which }) => {
          const measured = statistic(tally, calibration, which);
          const error = share === undefined ? ratioError(tally, calibration) : tailError(tally, calibration, share);
          const blocks = betweenBlocks(statistic, tally, detector, tolerance, measured.excess);
          const { rows, rowsPerUnit } = measured.excess;
          const allowed = tolerance * rows + (error + blocks.error) * rowsPerUnit;
          const exact = isGraded ? gradedPValue(measured, allowed) : measured.pValueBeyond(allowed);
          const pValue = Math.max(exact, blocks.pValueBeyond(allowed / rowsPerUnit));
          return { isGraded, pValue, excess: measured.excess, allowed };
        });
        return tested.reduce((worst, next) => (next.pValue > worst.pValue ? next : worst));
      }),
    };
  });
}

export function wholeBatchBets(measures: readonly WholeMeasure[]): LedgerBet[] {
  return measures.flatMap(({ kind, tests }) => leastBet(kind, tests));
}

/** In nats: how far the trusted mean may lie below what it stands for, over the batch's rows. */
function ratioError(tally: Tally, { logRatios, rows }: Calibration): number {
  const variance = logRatios.reduce((sum, histogram, stratum) => {
    const trusted = rows[stratum] as number;
    return trusted === 0 ? sum : sum + ((tally.rows[stratum] as number) ** 2 * varianceOf(histogram)) / trusted;
  }, 0);
  return STANDARD_ERRORS * Math.sqrt(variance);
}

function varianceOf(histogram: Histogram): number {
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (const [level, rows] of histogram) {
    count += rows;
    sum += rows * ratioAt(level);
    squares += rows * ratioAt(level) ** 2;
  }
  return count === 0 ? 0 : Math.max(0, squares / count - (sum / count) ** 2);
}

/**
 * In rows: how many more of the batch's may lie beyond the trusted thresholds. The share beyond the k-th largest score
 * has nearly a gamma law of shape k, whose skewness counts where k is small (Cornish and Fisher 1938).
 */
function tailError(tally: Tally, { rows, tailCounts }: Calibration, share: number): number {
  let variance = 0;
  let third = 0;
  rows.forEach((trusted, stratum) => {
    const beyond = tailCounts[stratum * TAIL_SHARES.length + share] as number;
    if (beyond === 0) return;
    const scale = (tally.rows[stratum] as number) / trusted;
    variance += beyond * scale ** 2;
    third += 2 * beyond * scale ** 3;
  });
  if (variance === 0) return 0;
  return STANDARD_ERRORS * Math.sqrt(variance) + ((STANDARD_ERRORS ** 2 - 1) / 6) * (third / variance);
}

/** Where blocks say how batches differ: batches vary as they do, and the mean of so few blocks is uncertain. */
function betweenBlocks(
  statistic: Statistic,
  tally: Tally,
  detector: FittedDetector,
  tolerance: number,
  excess: Excess,
): { readonly error: number; pValueBeyond(allowance: number): number } {
  const blocks = detector.blocks
    .map((block) => statistic(block.tally, block.calibration, 0).excess)
    .filter(({ rows }) => rows > 0);
  if (blocks.length < MIN_BLOCKS) return { error: 0, pValueBeyond: () => 0 };
  // τ²(1 + 1/blocks), of which the last part is the uncertainty of their mean.
  const between = testStatistic(statistic, tally, detector, tolerance).excess.variance - excess.variance;
  return {
    error: STANDARD_ERRORS * Math.sqrt(Math.max(0, between) / (blocks.length + 1)),
    pValueBeyond: (allowance) => blockPValue({ ...excess, value: excess.value - allowance }, blocks),
  };
}
