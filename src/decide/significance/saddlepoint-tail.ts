import { normalDensity, normalTail } from './distributions.js';
import { logistic, type TiltedUrn, tiltedMoment } from './tilted-urn.js';

/** Below so many deviations the formula takes the difference of two numbers that are all but equal. */
const LEAST_DEVIATIONS = 0.1;
/** The tail of a sum that goes in steps h exceeds the normal one by the factor 1 + (tilt + 1 / deviation) · h / 2. */
const HARMLESS_STEP = 0.05;

/**
 * P(sum of the drawn values ≥ target) where the tilted law is nearly normal, within 1 % also far out: the double saddlepoint
 * approximation (Skovgaard 1987).
 */
export function saddlepointTail(tilted: readonly TiltedUrn[], tilt: number, target: number): number {
  let [exponent, growth] = [0, 1];
  for (const part of tilted) {
    const moment = tiltedMoment(part, tilt);
    exponent += moment.exponent;
    growth *= moment.growth;
  }
  const root = Math.sqrt(2 * (tilt * target - exponent));
  const deviations = tilt * Math.sqrt(varianceOf(tilted) * growth);
  return normalTail(root) + normalDensity(root) * (1 / deviations - 1 / root);
}

/** True where the sum's law is smooth and all but symmetric once it is tilted, and the target is not next to the mean. */
export function isNearlyNormal(tilted: readonly TiltedUrn[], tilt: number, skewness: number): boolean {
  const deviation = Math.sqrt(varianceOf(tilted));
  if (!(tilt * deviation > LEAST_DEVIATIONS)) return false;
  const third = tilted.reduce((sum, part) => sum + part.third, 0);
  return Math.abs(third) < skewness * deviation ** 3 && isSmooth(tilted, tilt, deviation);
}

function varianceOf(tilted: readonly TiltedUrn[]): number {
  return tilted.reduce((sum, { variance }) => sum + variance, 0);
}

/**
 * True when the sum's steps are too small to matter or hidden by smaller ones: the distance of a level from its urn's
 * commonest is at most the standard deviation that all levels closer to theirs make.
 */
function isSmooth(tilted: readonly TiltedUrn[], tilt: number, deviation: number): boolean {
  const greatest = HARMLESS_STEP / (tilt + 1 / deviation);
  let closer = 0;
  for (const { step, spread } of tilted.flatMap((part) => stepsOf(part, tilt)).sort((a, b) => a.step - b.step)) {
    if (step > greatest && step ** 2 > closer) return false;
    closer += spread * step ** 2;
  }
  return true;
}

function stepsOf({ urn, theta }: TiltedUrn, tilt: number): { readonly step: number; readonly spread: number }[] {
  const spreads = urn.values.map((value, i) => {
    const chance = logistic(theta + tilt * value);
    return (urn.counts[i] as number) * chance * (1 - chance);
  });
  const commonest = urn.values[spreads.indexOf(Math.max(...spreads))] as number;
  return Array.from(urn.values, (value, i) => ({ step: Math.abs(value - commonest), spread: spreads[i] as number }));
}
