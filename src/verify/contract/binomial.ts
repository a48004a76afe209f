import { gammaln } from 'simple-statistics';

/** Of seeing as few by a share's estimate, and as many by the share. */
const LEVEL = 0.001;
const STEPS = 60;
/** Relative to the sum so far. */
const NEGLIGIBLE = 1e-17;

/** The greatest share of all rows under which k or fewer among n are still plausible (Clopper and Pearson 1934). */
export function greatestShare(k: number, n: number): number {
  if (k >= n) return 1;
  let low = k / n;
  let high = 1;
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (lowerTail(k, n, middle) > LEVEL) low = middle;
    else high = middle;
  }
  return high;
}

/** Whether k or more among n are too many to be chance, where `share` of all rows are such. */
export function areBeyond(k: number, n: number, share: number): boolean {
  return lowerTail(n - k, n, 1 - share) <= LEVEL;
}

/** P(X ≤ k) of n trials, summed downwards from k: exact and quick where k is below the mean. */
function lowerTail(k: number, n: number, chance: number): number {
  if (k >= n || chance <= 0) return 1;
  if (chance >= 1 || k < 0) return 0;
  const logTop = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1);
  let term = Math.exp(logTop + k * Math.log(chance) + (n - k) * Math.log1p(-chance));
  let sum = term;
  for (let x = k; x > 0 && term > sum * NEGLIGIBLE; x--) {
    term *= (x * (1 - chance)) / ((n - x + 1) * chance);
    sum += term;
  }
  return Math.min(1, sum);
}
