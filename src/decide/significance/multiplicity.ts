/** Simes' p-value of "no hypothesis of these is false"; 1 for none. */
export function simes(pValues: readonly number[]): number {
  const sorted = [...pValues].sort((a, b) => a - b);
  return sorted.reduce((least, p, i) => Math.min(least, (p * sorted.length) / (i + 1)), 1);
}

/** min(1, number of tests × least p-value); 1 for none. */
export function bonferroni(pValues: readonly number[], tests = pValues.length): number {
  if (pValues.length === 0) return 1;
  return pValues.reduce((least, p) => Math.min(least, tests * p), 1);
}

/** Benjamini–Hochberg adjusted p-values, in the order given: rejecting those ≤ q bounds the false discovery rate by q. */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  const order = [...pValues.keys()].sort((a, b) => (pValues[a] as number) - (pValues[b] as number));
  const adjusted = new Array<number>(pValues.length);
  let least = 1;
  for (let rank = order.length; rank > 0; rank--) {
    const at = order[rank - 1] as number;
    least = Math.min(least, ((pValues[at] as number) * order.length) / rank);
    adjusted[at] = least;
  }
  return adjusted;
}
