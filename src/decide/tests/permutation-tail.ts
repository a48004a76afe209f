import { seededRandom } from '../../linear/index.js';
import { binomialSpan, convolveSpans, logChoose, normalTail, type Span } from './distributions.js';

/** Rows of which `drawn` are drawn without replacement; `counts[i]` rows have value `values[i]`, ascending. */
export interface Urn {
  readonly values: Float64Array;
  readonly counts: Float64Array;
  readonly drawn: number;
  readonly total: number;
}

/** Relative standard error about 2.5 % at 1e-8. */
const SAMPLES = 8000;
/** Above this spread of the number drawn, sampling is slow and the saddlepoint is accurate to its fourth digit. */
const SADDLEPOINT_SPREAD = 2500;

/**
 * P(sum of the drawn values ≥ target) for a target above the mean.
 *
 * Importance sampling from the exponentially tilted law conditioned on how many are drawn, which is exact whatever the
 * values are: saddlepoint approximations are off by half where a few rows carry the sum, as in well-separated classes.
 * For very large urns the double saddlepoint (Skovgaard 1987) with the r* of Barndorff-Nielsen.
 */
export function permutationTail(urns: readonly Urn[], target: number, seed: string): number {
  const open = urns.filter(({ drawn, total }) => drawn > 0 && drawn < total);
  const fixed = urns.filter(({ drawn, total }) => drawn === total);
  const rest =
    target -
    fixed.reduce((sum, { values, counts }) => sum + values.reduce((s, v, i) => s + v * (counts[i] as number), 0), 0);
  if (open.length === 0) return rest <= 1e-9 ? 1 : 0;
  const tilt = solveTilt(open, rest);
  const tilted = open.map((urn) => tiltUrn(urn, tilt));
  const isLarge = tilted.every(({ spread }) => spread > SADDLEPOINT_SPREAD);
  return Math.min(1, isLarge ? saddlepointTail(tilted, tilt, rest) : sampledTail(tilted, tilt, rest, seed));
}

interface TiltedUrn {
  readonly urn: Urn;
  /** Log odds of a row of value 0 to be drawn. */
  readonly theta: number;
  readonly mean: number;
  /** Of the sum, given how many are drawn. */
  readonly variance: number;
  /** Variance of the number drawn before conditioning. */
  readonly spread: number;
}

/** Rows drawn independently with log odds theta + tilt · value, such that `drawn` are expected. */
function tiltUrn(urn: Urn, tilt: number): TiltedUrn {
  const { values, counts } = urn;
  const theta = solveOdds(urn, tilt);
  let mean = 0;
  let spread = 0;
  let cross = 0;
  let square = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    const chance = logistic(theta + tilt * value);
    const weight = (counts[i] as number) * chance * (1 - chance);
    mean += (counts[i] as number) * chance * value;
    spread += weight;
    cross += weight * value;
    square += weight * value * value;
  }
  return { urn, theta, mean, variance: Math.max(0, square - (cross * cross) / spread), spread };
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}

function solveOdds({ values, counts, drawn, total }: Urn, tilt: number): number {
  const untilted = Math.log(drawn / (total - drawn));
  let low = untilted - tilt * (values[values.length - 1] as number);
  let high = untilted - tilt * (values[0] as number);
  let theta = (low + high) / 2;
  for (let step = 0; step < 100; step++) {
    let expected = 0;
    let slope = 0;
    for (let i = 0; i < values.length; i++) {
      const chance = logistic(theta + tilt * (values[i] as number));
      expected += (counts[i] as number) * chance;
      slope += (counts[i] as number) * chance * (1 - chance);
    }
    const error = expected - drawn;
    if (Math.abs(error) < 1e-10 * drawn) break;
    if (error > 0) high = theta;
    else low = theta;
    const newton = theta - error / slope;
    theta = newton > low && newton < high ? newton : (low + high) / 2;
  }
  return theta;
}

/** The tilt at which the target is expected, or the greatest one that is numerically safe. */
function solveTilt(urns: readonly Urn[], target: number): number {
  const width = Math.max(...urns.map(({ values }) => (values[values.length - 1] as number) - (values[0] as number)));
  const limit = 30 / Math.max(width, 1e-9);
  const moments = (tilt: number) => {
    const tilted = urns.map((urn) => tiltUrn(urn, tilt));
    return {
      error: tilted.reduce((sum, { mean }) => sum + mean, 0) - target,
      slope: tilted.reduce((sum, { variance }) => sum + variance, 0),
    };
  };
  if (moments(limit).error <= 0) return limit;
  let low = 0;
  let high = limit;
  let tilt = 0;
  for (let step = 0; step < 60; step++) {
    const { error, slope } = moments(tilt);
    if (Math.abs(error) < 1e-6 * Math.sqrt(slope)) break;
    if (error > 0) high = tilt;
    else low = tilt;
    const newton = tilt - error / slope;
    tilt = newton > low && newton < high ? newton : (low + high) / 2;
  }
  return tilt;
}

function saddlepointTail(tilted: readonly TiltedUrn[], tilt: number, target: number): number {
  let exponent = tilt * target;
  let logSpreads = 0;
  let variance = 0;
  for (const part of tilted) {
    const { drawn, total } = part.urn;
    const untilted = Math.log(drawn / (total - drawn));
    exponent += (part.theta - untilted) * drawn - (logPartition(part, tilt) - total * softplus(untilted));
    logSpreads += Math.log((part.spread * total) / (drawn * (total - drawn)));
    variance += part.variance;
  }
  const r = Math.sqrt(Math.max(0, 2 * exponent));
  const u = tilt * Math.sqrt(variance) * Math.exp(logSpreads / 2);
  return r < 1e-4 ? 0.5 : normalTail(r + Math.log(u / r) / r);
}

function logPartition({ urn, theta }: TiltedUrn, tilt: number): number {
  return urn.values.reduce((sum, value, i) => sum + (urn.counts[i] as number) * softplus(theta + tilt * value), 0);
}

function sampledTail(tilted: readonly TiltedUrn[], tilt: number, target: number, seed: string): number {
  const random = seededRandom(seed);
  const sums = new Float64Array(SAMPLES);
  let logConstant = 0;
  for (const part of tilted) {
    const sampler = urnSampler(part, tilt);
    logConstant += sampler.logConstant;
    for (let i = 0; i < SAMPLES; i++) sums[i] = (sums[i] as number) + sampler.draw(random);
  }
  // What rounding may take from a sum that equals the target.
  const slack = 1e-9 * Math.max(1, Math.abs(target));
  let total = 0;
  for (const sum of sums) if (sum >= target - slack) total += Math.exp(logConstant - tilt * sum);
  return total / SAMPLES;
}

interface UrnSampler {
  /** Draws the sum of one sample from the tilted law given how many are drawn. */
  draw(random: () => number): number;
  /** The untilted over the tilted probability of a sample is exp(logConstant − tilt · sum). */
  readonly logConstant: number;
}

function urnSampler(part: TiltedUrn, tilt: number): UrnSampler {
  const { urn, theta } = part;
  // The level with most rows comes last: it takes what is left without a draw.
  const order = [...urn.values.keys()].sort((a, b) => (urn.counts[a] as number) - (urn.counts[b] as number));
  const levels = order.map((i) => ({
    value: urn.values[i] as number,
    draws: binomialSpan(urn.counts[i] as number, logistic(theta + tilt * (urn.values[i] as number))),
  }));
  const after: Span[] = [];
  for (let i = levels.length - 1; i >= 0; i--) {
    const own = (levels[i] as (typeof levels)[number]).draws;
    const next = after[i + 1];
    after[i] = next === undefined ? own : convolveSpans(own, next);
  }
  const chance = at(after[0] as Span, urn.drawn);
  const draw = (random: () => number) => {
    let left = urn.drawn;
    let sum = 0;
    for (let i = 0; i + 1 < levels.length; i++) {
      const { value, draws } = levels[i] as (typeof levels)[number];
      const taken = drawCount(draws, after[i + 1] as Span, left, random() * at(after[i] as Span, left));
      left -= taken;
      sum += taken * value;
    }
    return sum + left * (levels.at(-1)?.value ?? 0);
  };
  const logConstant = Math.log(chance) - logChoose(urn.total, urn.drawn) + logPartition(part, tilt) - theta * urn.drawn;
  return { draw, logConstant };
}

function at(span: Span, k: number): number {
  return span.probabilities[k - span.from] ?? 0;
}

/** The number drawn from a level when `left` are drawn from it and the levels after, by inversion. */
function drawCount(draws: Span, rest: Span, left: number, quantile: number): number {
  const last = Math.min(draws.from + draws.probabilities.length - 1, left);
  let sum = 0;
  let possible = draws.from;
  for (let k = draws.from; k <= last; k++) {
    const probability = at(draws, k) * at(rest, left - k);
    if (probability === 0) continue;
    possible = k;
    sum += probability;
    if (sum >= quantile) break;
  }
  return possible;
}
