import { regularisedBeta } from '../src/decide/significance/distributions.js';

/** The least count that a binomial of `trials` and `chance` exceeds with probability of at most `risk`. */
export function binomialBound(trials: number, chance: number, risk: number): number {
  let bound = 0;
  // P(X > k) = I_chance(k + 1, trials − k).
  while (bound < trials && regularisedBeta(chance, bound + 1, trials - bound) > risk) bound++;
  return bound;
}
