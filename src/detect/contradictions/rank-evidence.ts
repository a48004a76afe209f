import { boundMean, meanOf, rankAmong } from '../ranks.js';

/** How the labels of rows fit what else is in them, by their ranks under a model that has seen neither them nor the item. */
export interface RankEvidence {
  /** An upper bound of the mean rank among rows of other classes: .5 is chance, 1 is clear. */
  readonly bound: number;
  /** Of the mean rank among rows of their own class being so low, were they any rows of it. */
  readonly pValue: number;
  /** Rows nearer to those of other classes than to those of their own. */
  readonly contradicted: number;
  readonly rows: number;
}

/** Scores of the rows without the item, of rows of other classes, and of rows of their own class; both ascending. */
export function weighRanks(scores: Float64Array, others: Float64Array, own: Float64Array): RankEvidence {
  const { length } = scores;
  const ranks = scores.map((score) => rankAmong(others, score));
  const among = scores.map((score) => rankAmong(own, score));
  return {
    bound: boundMean(ranks),
    pValue: lowMeanChance(meanOf(among), length),
    contradicted: scores.reduce((sum, _, i) => sum + ((ranks[i] as number) < 1 - (among[i] as number) ? 1 : 0), 0),
    rows: length,
  };
}

/** Bounds the chance that the mean of as many uniform numbers is at most `mean` (Chernoff 1952). */
function lowMeanChance(mean: number, count: number): number {
  if (mean >= 0.5 || count === 0) return 1;
  const exponent = (t: number) => t * mean + Math.log(-Math.expm1(-t) / t);
  let least = 0;
  for (let t = 0.05; t < 1e5; t *= 1.1) least = Math.min(least, exponent(t));
  return Math.exp(count * least);
}
