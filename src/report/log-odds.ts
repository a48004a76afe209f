/** Beyond, single scores near 0 and 1 cannot be told apart. */
const MOST = 20;

/** log(s / (1 − s)) of a score in 0..1, at most ±20. */
export function logOddsOf(score: number): number {
  return Math.max(-MOST, Math.min(MOST, Math.log(score / (1 - score))));
}
