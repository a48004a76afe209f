/** Area under the ROC curve: probability that a bad row scores above a good one, ties counting half. */
export function auroc(scores: ArrayLike<number>, isBad: (row: number) => boolean): number {
  const steps = stepsOf(scores, isBad);
  const bad = steps.reduce((sum, step) => sum + step.bad, 0);
  const good = steps.reduce((sum, step) => sum + step.good, 0);
  let badAbove = 0;
  let wins = 0;
  for (const step of steps) {
    wins += step.good * (badAbove + step.bad / 2);
    badAbove += step.bad;
  }
  return wins / (bad * good);
}

/** Average precision as scikit-learn has it: Σ (recall gained at a score) · (precision at it), equal scores as one step. */
export function averagePrecision(scores: ArrayLike<number>, isBad: (row: number) => boolean): number {
  const steps = stepsOf(scores, isBad);
  const total = steps.reduce((sum, step) => sum + step.bad, 0);
  let bad = 0;
  let taken = 0;
  let area = 0;
  for (const step of steps) {
    bad += step.bad;
    taken += step.bad + step.good;
    area += (step.bad / total) * (bad / taken);
  }
  return area;
}

/** Rows of one score. */
interface Step {
  readonly score: number;
  bad: number;
  good: number;
}

/** From the highest score down; rows without a score come last. */
function stepsOf(scores: ArrayLike<number>, isBad: (row: number) => boolean): Step[] {
  const steps = new Map<number, Step>();
  for (let row = 0; row < scores.length; row++) {
    const given = scores[row] as number;
    const score = Number.isNaN(given) ? -Infinity : given;
    const step = steps.get(score) ?? { score, bad: 0, good: 0 };
    steps.set(score, step);
    if (isBad(row)) step.bad++;
    else step.good++;
  }
  // Infinity minus itself is no order.
  return [...steps.values()].sort((a, b) => (a.score === b.score ? 0 : b.score > a.score ? 1 : -1));
}

/** Share of the bad rows that score above all but `share` of the good ones. */
export function recallAt(scores: ArrayLike<number>, isBad: (row: number) => boolean, share: number): number {
  const steps = stepsOf(scores, isBad);
  const total = steps.reduce((sum, step) => sum + step.bad, 0);
  const most = share * steps.reduce((sum, step) => sum + step.good, 0);
  let bad = 0;
  let good = 0;
  for (const step of steps) {
    good += step.good;
    if (good > most) break;
    bad += step.bad;
  }
  return bad / total;
}
