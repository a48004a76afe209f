/** Probability that a poisoned row scores above a clean one, ties counting half. */
export function auroc(scores: ArrayLike<number>, isPoisoned: (row: number) => boolean): number {
  const order = Array.from(scores, (score, row) => ({ score, poisoned: isPoisoned(row) })).sort(
    (a, b) => a.score - b.score,
  );
  let rankSum = 0;
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && order[to]!.score === order[from]!.score) to++;
    const poisoned = order.slice(from, to).filter((row) => row.poisoned).length;
    rankSum += (poisoned * (from + 1 + to)) / 2;
    from = to;
  }
  const bad = order.filter((row) => row.poisoned).length;
  return (rankSum - (bad * (bad + 1)) / 2) / (bad * (order.length - bad));
}
