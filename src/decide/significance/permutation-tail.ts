import { seededRandom, standardNormal } from '../../linear/index.js';
import { binomialSpan, convolveSpans, logChoose, type Span } from './distributions.js';
import { isNearlyNormal, isSaddlepointClose, saddlepointTail } from './saddlepoint-tail.js';
import { logistic, logPartition, solveTilt, type TiltedUrn, tiltedMoment, tiltUrn, type Urn } from './tilted-urn.js';

/**
 * Sampling goes on, round by round, until the relative standard error of the tail is so small. Levels lie between the
 * rate and what ten thousand shards leave of it: beyond both, less is enough. A fifth of a rate of .1 is .02.
 */
const RELATIVE_ERROR = 0.025;
const LARGE_TAIL = 0.02;
const RELATIVE_ERROR_OF_LARGE = 0.05;
const TINY_TAIL = 1e-9;
const RELATIVE_ERROR_OF_TINY = 0.06;
const ROUND = 250;
/** Of fewer the error itself is not known. */
const LEAST_SAMPLES = 500;
const MOST_SAMPLES = 100_000;
/** From this spread of the number drawn on, the sum of a symmetric urn is normal for all purposes and sampled as that. */
const NORMAL_SPREAD = 2500;
const NORMAL_SKEWNESS = 0.05;

/**
 * P(sum of the drawn values ≥ target) for a target above the mean.
 *
 * Where the law, tilted exponentially to the target, is nearly normal, by the saddlepoint approximation. That is off by half
 * where a few rows carry the sum, as in well-separated classes: there by importance sampling from the tilted law conditioned
 * on how many are drawn, which is exact whatever the values are.
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
  if (isSaddlepointClose(tilted, tilt)) return saddlepointTail(tilted, tilt, rest);
  return Math.min(1, sampledTail(tilted, tilt, rest, seed));
}

function sampledTail(tilted: readonly TiltedUrn[], tilt: number, target: number, seed: string): number {
  const random = seededRandom(seed);
  const samplers = tilted.map((part) => (isNormal(part, tilt) ? normalSampler(part, tilt) : urnSampler(part, tilt)));
  const logConstant = samplers.reduce((sum, sampler) => sum + sampler.logConstant, 0);
  // What rounding may take from a sum that equals the target.
  const least = target - 1e-9 * Math.max(1, Math.abs(target));
  let [samples, total, squares] = [0, 0, 0];
  do {
    for (let i = 0; i < ROUND; i++) {
      const sum = samplers.reduce((drawn, sampler) => drawn + sampler.draw(random), 0);
      const weight = sum >= least ? Math.exp(logConstant - tilt * sum) : 0;
      total += weight;
      squares += weight * weight;
    }
    samples += ROUND;
  } while (samples < MOST_SAMPLES && !isSettled(samples, total, squares));
  return total / samples;
}

function isSettled(samples: number, total: number, squares: number): boolean {
  return samples >= LEAST_SAMPLES && squares / total ** 2 - 1 / samples <= errorAllowed(total / samples) ** 2;
}

function errorAllowed(tail: number): number {
  if (tail > LARGE_TAIL) return RELATIVE_ERROR_OF_LARGE;
  return tail < TINY_TAIL ? RELATIVE_ERROR_OF_TINY : RELATIVE_ERROR;
}

interface UrnSampler {
  /** Draws the sum of one sample from the tilted law given how many are drawn. */
  draw(random: () => number): number;
  /** The untilted over the tilted probability of a sample is exp(logConstant − tilt · sum). */
  readonly logConstant: number;
}

function isNormal(part: TiltedUrn, tilt: number): boolean {
  return part.spread > NORMAL_SPREAD && isNearlyNormal([part], tilt, NORMAL_SKEWNESS);
}

function normalSampler(part: TiltedUrn, tilt: number): UrnSampler {
  const { exponent, logSpread } = tiltedMoment(part, tilt);
  return {
    draw: (random) => part.mean + Math.sqrt(part.variance) * standardNormal(random),
    logConstant: exponent - logSpread / 2,
  };
}

function urnSampler(part: TiltedUrn, tilt: number): UrnSampler {
  const { urn, theta } = part;
  // The level with most rows comes last: it takes what is left without a draw.
  const order = [...urn.values.keys()].sort((a, b) => (urn.counts[a] as number) - (urn.counts[b] as number));
  const levels = order.map((i) => drawsOf(urn.values[i] as number, urn.counts[i] as number, theta, tilt));
  const rests = restsOf(levels, urn.drawn);
  const chance = at((rests[0] as Rest).law, urn.drawn);
  const draw = (random: () => number) => {
    let left = urn.drawn;
    let sum = 0;
    for (let i = 0; i + 1 < levels.length; i++) {
      const level = levels[i] as Level;
      const taken = drawCount(level, rests[i] as Rest, rests[i + 1] as Rest, left, random());
      left -= taken;
      sum += taken * level.value;
    }
    return sum + left * (levels.at(-1)?.value ?? 0);
  };
  const logConstant = Math.log(chance) - logChoose(urn.total, urn.drawn) + logPartition(part, tilt) - theta * urn.drawn;
  return { draw, logConstant };
}

/** Rows of one value, and how many of them are drawn when each is by itself. */
interface Level {
  readonly value: number;
  readonly law: Span;
  readonly mean: number;
  readonly variance: number;
}

/** How many rows a level and those after it have together, with the law where it can be asked for. */
interface Rest extends Pick<Level, 'law' | 'mean' | 'variance'> {
  /** Of what varies in that, the level's; 0 where everything or nothing is drawn from each. */
  readonly share: number;
}

function drawsOf(value: number, count: number, theta: number, tilt: number): Level {
  const chance = logistic(theta + tilt * value);
  return { value, law: binomialSpan(count, chance), mean: count * chance, variance: count * chance * (1 - chance) };
}

/** Level → what is drawn from it and those after it, when `drawn` are drawn from all. */
function restsOf(levels: readonly Level[], drawn: number): Rest[] {
  let [least, most] = [drawn, drawn];
  const asked = levels.map(({ law: { from, probabilities } }) => {
    const range = { least, most };
    least -= from + probabilities.length - 1;
    most -= from;
    return range;
  });
  const rests: Rest[] = [];
  for (let i = levels.length - 1; i >= 0; i--) {
    const own = levels[i] as Level;
    const next = rests[i + 1];
    const { least, most } = asked[i] as (typeof asked)[number];
    const variance = own.variance + (next?.variance ?? 0);
    rests[i] = {
      law: next === undefined ? own.law : convolveSpans(own.law, next.law, least, most),
      mean: own.mean + (next?.mean ?? 0),
      variance,
      share: variance > 0 ? own.variance / variance : 0,
    };
  }
  return rests;
}

function at(span: Span, k: number): number {
  return span.probabilities[k - span.from] ?? 0;
}

/**
 * The number drawn from a level when `left` are drawn from it and the levels after, by inversion: numbers are gone through
 * from the expected one outwards, which is a fraction of those there are.
 */
function drawCount(level: Level, both: Rest, rest: Rest, left: number, random: number): number {
  const { from, probabilities: own } = level.law;
  const { from: restFrom, probabilities: others } = rest.law;
  // What is left to the levels after is a number that they may have.
  const first = Math.max(from, left - restFrom - others.length + 1);
  const last = Math.min(from + own.length - 1, left - restFrom);
  const expected = level.mean + both.share * (left - both.mean);
  const start = Math.min(last, Math.max(first, Math.round(expected)));
  const quantile = random * at(both.law, left);
  let sum = 0;
  let [up, down] = [start, start - 1];
  while (up <= last || down >= first) {
    if (up <= last) {
      sum += (own[up - from] as number) * (others[left - up - restFrom] as number);
      if (sum >= quantile) return up;
      up++;
    }
    if (down >= first) {
      sum += (own[down - from] as number) * (others[left - down - restFrom] as number);
      if (sum >= quantile) return down;
      down--;
    }
  }
  return start;
}
