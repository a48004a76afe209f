import { type Calibration, TAIL_SHARES } from '../../detect/index.js';
import { betaBinomial, hypergeometric } from './distributions.js';
import type { Statistic } from './statistic.js';

/** A stratum's part in a tail count: `rows` of the scope, `beyond` of `trusted` scores make up the tail. */
export interface TailStratum {
  readonly rows: number;
  readonly trusted: number;
  readonly beyond: number;
  /**
   * Given where the threshold is none of the trusted scores: how many rows of the scope and trusted ones together are
   * above it.
   */
  readonly marked?: number;
}

/** Scopes with more rows are judged as if they had so many and the same share beyond: more variance, so conservative. */
const MAX_ROWS = 20_000;

/**
 * P(X ≥ count), X being how many of a scope's rows score above the `beyond`-th largest of the trusted scores of their
 * stratum: a sum of beta-binomial counts, which contains the sampling error of the trusted scores. Where the threshold
 * comes from elsewhere, scope and trusted rows are alike towards it, and the counts are hypergeometric.
 */
export function tailCountPValue(strata: readonly TailStratum[], count: number): number {
  const rows = strata.reduce((sum, stratum) => sum + stratum.rows, 0);
  const scale = Math.min(1, MAX_ROWS / Math.max(1, rows));
  const least = Math.floor(count * scale);
  if (least <= 0) return 1;
  // Of the sum so far: probabilities below `least`, and the probability of `least` or more.
  let below: Float64Array = Float64Array.of(1);
  let reached = 0;
  for (const stratum of strata) {
    if (stratum.rows === 0) continue;
    const law = lawOf(stratum, scale);
    const upper = upperSums(law);
    below.forEach((probability, sum) => {
      reached += probability * (upper[least - sum] ?? 0);
    });
    below = convolveBelow(below, law, least);
  }
  return Math.min(1, reached);
}

/** Parts are rounded up: with a part of a row lost in each of many small strata the count would seem too great. */
function lawOf({ rows, trusted, beyond, marked }: TailStratum, scale: number): Float64Array {
  const drawn = Math.ceil(rows * scale);
  if (marked === undefined) return betaBinomial(drawn, beyond, trusted + 1 - beyond);
  return hypergeometric(drawn, Math.ceil(marked * scale), Math.ceil((rows + trusted) * scale));
}

function upperSums(law: Float64Array): Float64Array {
  const sums = Float64Array.from(law);
  for (let k = sums.length - 2; k >= 0; k--) sums[k] = (sums[k] as number) + (sums[k + 1] as number);
  return sums;
}

function convolveBelow(a: Float64Array, b: Float64Array, limit: number): Float64Array {
  const sum = new Float64Array(Math.min(limit, a.length + b.length - 1));
  a.forEach((pa, i) => {
    for (let j = 0; j < b.length && i + j < sum.length; j++)
      sum[i + j] = (sum[i + j] as number) + pa * (b[j] as number);
  });
  return sum;
}

/** Mean and standard deviation of the count when nothing distinguishes the scope. */
export function tailCountMoments(strata: readonly TailStratum[]): { expected: number; deviation: number } {
  let expected = 0;
  let variance = 0;
  for (const { rows, trusted, beyond, marked } of strata) {
    if (marked !== undefined) {
      const total = rows + trusted;
      // Of n·(x/n − y/m), as for pairs of classes.
      expected += (rows * beyond) / trusted;
      variance += (rows * (marked / total) * (1 - marked / total) * total) / trusted;
      continue;
    }
    const share = beyond / (trusted + 1);
    expected += rows * share;
    variance += (rows * share * (1 - share) * (trusted + 1 + rows)) / (trusted + 2);
  }
  return { expected, deviation: Math.sqrt(variance) };
}

/** The tail count at one of TAIL_SHARES, over all strata or one; undefined where no stratum has so small a tail. */
export function tailStatistic(share: number, stratum?: number): Statistic {
  return (tally, calibration, index) => {
    const isShared = calibration.tailThresholds.length === 0;
    const countOf = (s: number) => tally.above[index]?.[s * TAIL_SHARES.length + share] ?? 0;
    const chosen = strataOf(calibration, stratum).filter((s) =>
      isShared ? (calibration.rows[s] as number) > 0 : beyondOf(calibration, s, share) > 0,
    );
    const strata = chosen.map((s) => {
      const beyond = beyondOf(calibration, s, share);
      const parts = { rows: tally.rows[s] as number, trusted: calibration.rows[s] as number, beyond };
      return isShared ? { ...parts, marked: beyond + countOf(s) } : parts;
    });
    const count = chosen.reduce((sum, s) => sum + countOf(s), 0);
    const { expected, deviation } = tailCountMoments(strata);
    const rows = strata.reduce((sum, s) => sum + s.rows, 0);
    return {
      excess: { value: count - expected, variance: deviation ** 2, rows, rowsPerUnit: 1 },
      pValueBeyond: (toleratedRows) => tailCountPValue(strata, count - Math.floor(toleratedRows)),
    };
  };
}

function beyondOf(calibration: Calibration, stratum: number, share: number): number {
  return calibration.tailCounts[stratum * TAIL_SHARES.length + share] as number;
}

function strataOf(calibration: Calibration, stratum: number | undefined): number[] {
  return stratum === undefined ? [...calibration.rows.keys()] : [stratum];
}
