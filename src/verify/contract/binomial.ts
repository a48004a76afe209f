import { gammaln } from 'simple-statistics';

const STEPS = 60;
/** Relative to the sum so far. */
const NEGLIGIBLE = 1e-17;

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

/** P(X ≥ k) of n trials. */
export function binomialTail(k: number, n: number, chance: number): number {
  return lowerTail(n - k, n, 1 - chance);
}

/** The greatest chance under which k or fewer of n still have probability `alpha` (Clopper and Pearson 1934). */
export function upperChance(k: number, n: number, alpha: number): number {
  if (k >= n) return 1;
  let low = k / n;
  let high = 1;
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (lowerTail(k, n, middle) > alpha) low = middle;
    else high = middle;
  }
  return high;
}
