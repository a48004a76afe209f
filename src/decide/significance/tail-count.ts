import { type Calibration, TAIL_SHARES } from '../../detect/index.js';
import { betaBinomial, hypergeometric, type Span } from './distributions.js';
import type { Excess, Statistic } from './statistic.js';

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
  let below: Span = { from: 0, probabilities: Float64Array.of(1) };
  let reached = 0;
  for (const stratum of strata) {
    if (stratum.rows === 0) continue;
    const law = lawOf(stratum, scale);
    const upper = upperSums(law);
    below.probabilities.forEach((probability, at) => {
      reached += probability * (upper[Math.max(0, least - below.from - at)] ?? 0);
    });
    below = convolveBelow(below, trim(law), least);
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

/** Of the law's greatest probability: what is dropped bears on no p-value that any test asks for. */
const NEGLIGIBLE = 1e-30;

/** A law of thousands of rows is all but nought except near its mode. */
function trim(law: Float64Array): Span {
  let most = 0;
  for (let k = 0; k < law.length; k++) most = Math.max(most, law[k] as number);
  const least = NEGLIGIBLE * most;
  let [from, end] = [0, law.length];
  while (from < end && (law[from] as number) <= least) from++;
  while (from < end && (law[end - 1] as number) <= least) end--;
  return { from, probabilities: law.subarray(from, end) };
}

function convolveBelow(a: Span, b: Span, limit: number): Span {
  const from = a.from + b.from;
  const [own, others] = [a.probabilities, b.probabilities];
  const sum = new Float64Array(Math.max(0, Math.min(limit - from, own.length + others.length - 1)));
  for (let i = 0; i < own.length; i++) {
    const probability = own[i] as number;
    const end = Math.min(others.length, sum.length - i);
    for (let j = 0; j < end; j++) sum[i + j] = (sum[i + j] as number) + probability * (others[j] as number);
  }
  return { from, probabilities: sum };
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

/** Only the rows that are not poisoned are expected beyond as often as trusted ones. */
function excessOf(count: number, expected: number, deviation: number, rows: number): Excess {
  const rowsPerUnit = expected < rows ? rows / (rows - expected) : 1;
  return { value: count - expected, variance: deviation ** 2, rows, rowsPerUnit };
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
      excess: excessOf(count, expected, deviation, rows),
      pValueBeyond: (toleratedRows) => tailCountPValue(strata, count - Math.floor(toleratedRows)),
    };
  };
}

/**
 * The tail count at one of TAIL_SHARES where the scope has other shares of the classes than the trusted rows: these are
 * weighted to the scope's, as if they were as few as would make the share beyond as uncertain. `classRows` are the scope's
 * by stratum of classes. Where nothing is known by class it is the plain one.
 */
export function shiftedTailStatistic(share: number, classRows: Float64Array): Statistic {
  const plain = tailStatistic(share);
  return (tally, calibration, index) => {
    const trusted = weightedTail(calibration, share, classRows);
    if (trusted === undefined) return plain(tally, calibration, index);
    const strata = [{ ...trusted, rows: tally.rows[0] as number }];
    const count = tally.above[index]?.[share] ?? 0;
    const { expected, deviation } = tailCountMoments(strata);
    return {
      excess: excessOf(count, expected, deviation, tally.rows[0] as number),
      pValueBeyond: (toleratedRows) => tailCountPValue(strata, count - Math.floor(toleratedRows)),
    };
  };
}

/** A class has a row more than it has, and that lies beyond as often as any trusted one. */
function weightedTail(
  { classTails, rows, tailCounts }: Calibration,
  share: number,
  classRows: Float64Array,
): Pick<TailStratum, 'trusted' | 'beyond'> | undefined {
  const usual = (tailCounts[share] ?? 0) / (rows[0] as number);
  const all = classRows.reduce((sum, own) => sum + own, 0);
  if (classTails === null || usual === 0 || all === 0) return undefined;
  let [rate, variance, reciprocal] = [0, 0, 0];
  classTails.rows.forEach((own, stratum) => {
    const weight = (classRows[stratum] ?? 0) / all;
    const beyond = classTails.tailCounts[stratum * TAIL_SHARES.length + share] as number;
    const ofClass = (beyond + usual) / (own + 1);
    rate += weight * ofClass;
    variance += (weight ** 2 * ofClass * (1 - ofClass)) / (own + 1);
    reciprocal += weight ** 2 / (own + 1);
  });
  // No more than weights alone leave of them (Kish 1965), should a class look surer than it is.
  const trusted = Math.min(1 / reciprocal, (rate * (1 - rate)) / variance);
  return { trusted, beyond: rate * trusted };
}

function beyondOf(calibration: Calibration, stratum: number, share: number): number {
  return calibration.tailCounts[stratum * TAIL_SHARES.length + share] as number;
}

function strataOf(calibration: Calibration, stratum: number | undefined): number[] {
  return stratum === undefined ? [...calibration.rows.keys()] : [stratum];
}
