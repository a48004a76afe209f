/** Counts by level. Exact to add, in any order. */
export type Histogram = Map<number, number>;

/**
 * Levels per unit of asinh(ratio / CORE): finest near zero where most rows are, a sixth of the value far out. Some
 * fifty levels hold every log ratio, which makes the permutation law of their sums cheap to compute exactly.
 */
const LEVELS_PER_UNIT = 6;
const CORE = 0.02;

/** The level of a log ratio in nats. */
export function levelOf(logRatio: number): number {
  // −0 and 0 are one level.
  return Math.round(LEVELS_PER_UNIT * Math.asinh(logRatio / CORE)) + 0;
}

/** The log ratio in nats that a level stands for: what the tests sum. */
export function ratioAt(level: number): number {
  return CORE * Math.sinh(level / LEVELS_PER_UNIT);
}

export function addToHistogram(histogram: Histogram, level: number, count = 1): void {
  histogram.set(level, (histogram.get(level) ?? 0) + count);
}

/** How often each comes. */
export function countEach<Value>(values: Iterable<Value>): Map<Value, number> {
  const counts = new Map<Value, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** What is counted most often, the least among equals; undefined where nothing is counted. */
export function commonest<Value extends number | string>(counts: ReadonlyMap<Value, number>): Value | undefined {
  let [best, most] = [undefined as Value | undefined, 0];
  for (const [value, count] of counts) {
    if (best === undefined || count > most || (count === most && value < best)) [best, most] = [value, count];
  }
  return best;
}

/** What is left of `all` without `part`. */
export function withoutCounts(all: Histogram, part: Histogram | undefined): Histogram {
  const rest: Histogram = new Map();
  for (const [level, count] of all) {
    const left = count - (part?.get(level) ?? 0);
    if (left > 0) rest.set(level, left);
  }
  return rest;
}

export function mergeHistograms(into: Histogram, from: ReadonlyMap<number, number>): void {
  for (const [level, count] of from) addToHistogram(into, level, count);
}
