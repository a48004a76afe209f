/** From one count to the next. */
const STEP = 1.1;

/** Rising counts that are tried: each by a tenth greater than the one before, then the greatest. */
export function countsUpTo(most: number): number[] {
  const counts: number[] = [];
  for (let count = 1; count < most; count = Math.max(count + 1, Math.floor(count * STEP))) counts.push(count);
  return [...counts, Math.floor(most)];
}

export interface Trials {
  readonly seeds: number;
  /** Share of the seeds in which a count has to be detected. */
  readonly power: number;
  /** Rising. */
  readonly counts: readonly number[];
  isDetected(seed: number, count: number): Promise<boolean>;
}

/**
 * The least of the counts that is detected in that share of the seeds, null where none is; in each seed every count
 * greater than a detected one is taken for detected. Most seeds are asked once: whether what others need is enough.
 */
export async function leastCount({ seeds, power, counts, isDetected }: Trials): Promise<number | null> {
  const spared = seeds - Math.ceil(power * seeds);
  // Places in `counts` of the seeds that need most, one more of them than may be missed; falling.
  let worst: number[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const from = worst[spared] ?? 0;
    if (from === counts.length) return null;
    if (worst.length > spared && (await isDetected(seed, counts[from] as number))) continue;
    const needed = await bisect(counts.length, worst.length > spared ? from + 1 : 0, (at) =>
      isDetected(seed, counts[at] as number),
    );
    worst = [...worst, needed].sort((a, b) => b - a).slice(0, spared + 1);
  }
  return counts[worst[spared] ?? 0] ?? null;
}

/** The first place from `from` on that is so, if every later one is; `end` where none is. */
async function bisect(end: number, from: number, isSo: (at: number) => Promise<boolean>): Promise<number> {
  let [low, high] = [from, end];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (await isSo(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
