import { binomialBound } from '../binomial-bound.js';

/** At which p-values are counted. */
export const LEVELS = [0.5, 0.1, 0.05, 0.01, 0.001] as const;
/** That a uniform p-value breaks a bound, for one level of one test. */
const RISK = 1e-4;

export interface Calibrated {
  readonly name: string;
  /** Ascending. */
  readonly pValues: Float64Array;
  /** How many are at or below each of LEVELS. */
  readonly counts: readonly number[];
  readonly isKept: boolean;
}

/** Are p-values at or below a level no oftener than that, but for chance? */
export function judgeCalibration(name: string, drawn: readonly number[]): Calibrated {
  const pValues = Float64Array.from(drawn).sort();
  const counts = LEVELS.map((level) => drawn.filter((p) => p <= level).length);
  const isKept = counts.every((count, at) => count <= binomialBound(drawn.length, LEVELS[at] as number, RISK));
  return { name, pValues, counts, isKept: isKept && !drawn.some(Number.isNaN) };
}

/** Draws sound data so many times and judges the p-values of every test, by name. */
export function calibrateTests(
  resamples: number,
  draw: (resample: number) => Readonly<Record<string, number>>,
): Calibrated[] {
  const drawn = new Map<string, number[]>();
  for (let resample = 0; resample < resamples; resample++) {
    for (const [name, pValue] of Object.entries(draw(resample))) {
      const own = drawn.get(name);
      if (own === undefined) drawn.set(name, [pValue]);
      else own.push(pValue);
    }
  }
  return [...drawn].map(([name, pValues]) => judgeCalibration(name, pValues));
}
