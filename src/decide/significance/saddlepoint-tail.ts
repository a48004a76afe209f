import { Bug } from '../../errors.js';
import { normalTail } from './distributions.js';
import { logistic, type TiltedUrn, tiltedMoment } from './tilted-urn.js';

/** The tail of a sum that goes in steps h exceeds the normal one by the factor 1 + (tilt + 1 / deviation) · h / 2. */
const HARMLESS_STEP = 0.05;
/** The number drawn has a law of its own, which is off by a part of 1 / (12 · spread) in each urn. */
const LEAST_SPREAD = 10;
/** Up to such a skewness of the tilted law the approximation is closer than samples are. */
const MOST_SKEWNESS = 0.3;
/** Below so many deviations from the mean it takes the difference of two numbers that are all but equal. */
const LEAST_DEVIATIONS = 0.1;

/** True where the tilted law is nearly normal, many rows of each urn are drawn and left, and the target is not next to the mean. */
export function isSaddlepointClose(tilted: readonly TiltedUrn[], tilt: number): boolean {
  if (tilt * deviationOf(tilted) < LEAST_DEVIATIONS) return false;
  return tilted.every(({ spread }) => spread >= LEAST_SPREAD) && isNearlyNormal(tilted, tilt, MOST_SKEWNESS);
}

/**
 * P(sum of the drawn values ≥ target), within 3 % also far out where isSaddlepointClose: the double saddlepoint approximation
 * (Skovgaard 1987).
 */
export function saddlepointTail(tilted: readonly TiltedUrn[], tilt: number, target: number): number {
  let [exponent, logSpread] = [0, 0];
  for (const part of tilted) {
    const moment = tiltedMoment(part, tilt);
    exponent += moment.exponent;
    logSpread += moment.logSpread;
  }
  const root = Math.sqrt(2 * (tilt * target - exponent));
  const logDeviations = Math.log(tilt * deviationOf(tilted)) + logSpread / 2;
  // As logarithms: over many strata each factor by itself is too small or too large for a number.
  const density = (logFactor: number) => Math.exp(-(root ** 2) / 2 - logFactor) / Math.sqrt(2 * Math.PI);
  const tail = normalTail(root) + density(logDeviations) - density(Math.log(root));
  if (Number.isNaN(tail)) throw new Bug('the tail of a sum is no number');
  return Math.min(1, Math.max(0, tail));
}

/** True where the sum's law is smooth and all but symmetric once it is tilted. */
export function isNearlyNormal(tilted: readonly TiltedUrn[], tilt: number, skewness: number): boolean {
  const deviation = deviationOf(tilted);
  const third = tilted.reduce((sum, part) => sum + part.third, 0);
  return Math.abs(third) < skewness * deviation ** 3 && isSmooth(tilted, tilt, deviation);
}

/** Of the sum. */
function deviationOf(tilted: readonly TiltedUrn[]): number {
  return Math.sqrt(tilted.reduce((sum, { variance }) => sum + variance, 0));
}

/**
 * True when the sum's steps are too small to matter or hidden by smaller ones: the distance of a level from its urn's
 * commonest is at most the standard deviation that all levels closer to theirs make.
 */
function isSmooth(tilted: readonly TiltedUrn[], tilt: number, deviation: number): boolean {
  const greatest = HARMLESS_STEP / (tilt + 1 / deviation);
  let closer = 0;
  const steps = tilted.flatMap((part) => stepsOf(part, tilt));
  for (const { step, spread, sums } of steps.sort((a, b) => Math.abs(a.step) - Math.abs(b.step))) {
    if (Math.abs(step) > greatest && step ** 2 > closer) return false;
    closer -= squaresIn(sums);
    sums.spread += spread;
    sums.steps += spread * step;
    sums.squares += spread * step ** 2;
    closer += squaresIn(sums);
  }
  return true;
}

/** Over levels of one urn. */
interface StepSums {
  spread: number;
  steps: number;
  squares: number;
}

/** About their mean: how many are drawn is given. */
function squaresIn({ spread, steps, squares }: StepSums): number {
  return spread === 0 ? 0 : squares - steps ** 2 / spread;
}

function stepsOf({ urn, theta }: TiltedUrn, tilt: number) {
  const spreads = urn.values.map((value, i) => {
    const chance = logistic(theta + tilt * value);
    return (urn.counts[i] as number) * chance * (1 - chance);
  });
  const commonest = urn.values[spreads.indexOf(Math.max(...spreads))] as number;
  const sums: StepSums = { spread: 0, steps: 0, squares: 0 };
  return Array.from(urn.values, (value, i) => ({ step: value - commonest, spread: spreads[i] as number, sums }));
}
