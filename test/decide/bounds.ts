/** Most rejections of `trials` that a test of size `rate` makes, but for once in a thousand. */
export function mostRejections(trials: number, rate: number): number {
  let probability = (1 - rate) ** trials;
  let sum = probability;
  let k = 0;
  while (sum < 0.999) {
    probability *= ((trials - k) * rate) / ((k + 1) * (1 - rate));
    sum += probability;
    k++;
  }
  return k;
}

/** Rejections at each level against the most that are allowed there. */
export function rejectionsBeyondBound(
  pValues: readonly number[],
): { level: number; rejections: number; allowed: number }[] {
  return [0.1, 0.05, 0.01]
    .map((level) => ({
      level,
      rejections: pValues.filter((p) => !(p > level)).length,
      allowed: mostRejections(pValues.length, level),
    }))
    .filter(({ rejections, allowed }) => rejections > allowed);
}
