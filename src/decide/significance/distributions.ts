import { gammaln } from 'simple-statistics';

/** P(Z ≥ z) for a standard normal Z, to about 1e-12 relative, also far out. */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  if (z < 2.5) return 0.5 - normalCentre(z);
  // Mills' ratio as a continued fraction, from the inside out.
  let fraction = 0;
  for (let k = 120; k > 0; k--) fraction = k / (z + fraction);
  return normalDensity(z) / (z + fraction);
}

/** P(0 ≤ Z ≤ z) by its power series, for small z. */
function normalCentre(z: number): number {
  let term = z;
  let sum = z;
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= (z * z) / (2 * k + 1);
    sum += term;
  }
  return normalDensity(z) * sum;
}

export function normalDensity(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
}

/** The z with P(Z ≥ z) = p, by bisection. */
export function normalUpperQuantile(p: number): number {
  let low = -40;
  let high = 40;
  for (let step = 0; step < 80; step++) {
    const middle = (low + high) / 2;
    if (normalTail(middle) > p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(T ≥ t) for Student's t. */
export function studentTail(t: number, degrees: number): number {
  if (t < 0) return 1 - studentTail(-t, degrees);
  return 0.5 * regularisedBeta(degrees / (degrees + t * t), degrees / 2, 0.5);
}

/** Regularised incomplete beta function I_x(a, b) by Lentz's continued fraction (Abramowitz and Stegun 26.5.8). */
export function regularisedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - regularisedBeta(1 - x, b, a);
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b)) / a;
  let c = 1;
  let d = 1 / (1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d);
    c = 1 + even / c;
    fraction *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d);
    c = 1 + odd / c;
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return front * fraction;
}

function logBeta(a: number, b: number): number {
  return gammaln(a) + gammaln(b) - gammaln(a + b);
}

export function logChoose(n: number, k: number): number {
  return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1);
}

/** P(X ≥ x) when `drawn` of `total` things are drawn and `marked` of the total are marked. */
export function hypergeometricTail(x: number, drawn: number, marked: number, total: number): number {
  const least = Math.max(0, drawn + marked - total);
  const most = Math.min(drawn, marked);
  if (x <= least) return 1;
  if (x > most) return 0;
  const at = (k: number) =>
    Math.exp(logChoose(marked, k) + logChoose(total - marked, drawn - k) - logChoose(total, drawn));
  let sum = 0;
  if (x <= (drawn * marked) / total) {
    // From below, away from the mean: upwards from far below, the first terms underflow and the sum would never rise.
    for (let k = x - 1, term = at(k); k >= least && term > sum * 1e-17; k--) {
      sum += term;
      term *= (k * (total - marked - drawn + k)) / ((marked - k + 1) * (drawn - k + 1));
    }
    return Math.max(0, 1 - sum);
  }
  for (let k = x, term = at(k); k <= most && term > sum * 1e-17; k++) {
    sum += term;
    term *= ((marked - k) * (drawn - k)) / ((k + 1) * (total - marked - drawn + k + 1));
  }
  return Math.min(1, sum);
}

/** P(X = k), k = 0 … drawn, when `drawn` of `total` things are drawn and `marked` of the total are marked. */
export function hypergeometric(drawn: number, marked: number, total: number): Float64Array {
  const probabilities = new Float64Array(drawn + 1);
  const least = Math.max(0, drawn + marked - total);
  const most = Math.min(drawn, marked);
  const mode = Math.min(most, Math.max(least, Math.floor(((drawn + 1) * (marked + 1)) / (total + 2))));
  probabilities[mode] = 1;
  const ratio = (k: number) => ((marked - k) * (drawn - k)) / ((k + 1) * (total - marked - drawn + k + 1));
  for (let k = mode; k < most; k++) probabilities[k + 1] = (probabilities[k] as number) * ratio(k);
  for (let k = mode; k > least; k--) probabilities[k - 1] = (probabilities[k] as number) / ratio(k - 1);
  return normalised(probabilities);
}

/** In place. */
function normalised(probabilities: Float64Array): Float64Array {
  let sum = 0;
  for (let k = 0; k < probabilities.length; k++) sum += probabilities[k] as number;
  for (let k = 0; k < probabilities.length; k++) probabilities[k] = (probabilities[k] as number) / sum;
  return probabilities;
}

/** P(X = k), k = 0 … n, of the beta-binomial law with parameters α and β. */
export function betaBinomial(n: number, alpha: number, beta: number): Float64Array {
  const probabilities = new Float64Array(n + 1);
  // From the mode outwards in ratios, then normalised: no underflow at the ends, no cancellation.
  const mode = Math.min(n, Math.max(0, Math.floor((n * alpha) / (alpha + beta))));
  probabilities[mode] = 1;
  for (let k = mode; k < n; k++) {
    probabilities[k + 1] = ((probabilities[k] as number) * ((n - k) * (alpha + k))) / ((k + 1) * (beta + n - k - 1));
  }
  for (let k = mode; k > 0; k--) {
    probabilities[k - 1] = ((probabilities[k] as number) * (k * (beta + n - k))) / ((n - k + 1) * (alpha + k - 1));
  }
  return normalised(probabilities);
}

/** Probabilities of from, from + 1, …; what is left out on either side is negligible. */
export interface Span {
  readonly from: number;
  readonly probabilities: Float64Array;
}

/** Relative to the mode; what is dropped sums to far less than rounding. */
const NEGLIGIBLE = 1e-25;

/** The binomial law of n trials. */
export function binomialSpan(n: number, chance: number): Span {
  if (chance === 0 || chance === 1) return { from: n * chance, probabilities: Float64Array.of(1) };
  const odds = chance / (1 - chance);
  const mode = Math.min(n, Math.floor((n + 1) * chance));
  const below: number[] = [];
  for (let k = mode, term = 1; k > 0; k--) {
    term *= k / ((n - k + 1) * odds);
    if (term < NEGLIGIBLE) break;
    below.push(term);
  }
  const above: number[] = [1];
  for (let k = mode, term = 1; k < n; k++) {
    term *= ((n - k) * odds) / (k + 1);
    if (term < NEGLIGIBLE) break;
    above.push(term);
  }
  const probabilities = Float64Array.from([...below.reverse(), ...above]);
  const scale = Math.exp(logChoose(n, mode) + mode * Math.log(chance) + (n - mode) * Math.log1p(-chance));
  return { from: mode - below.length, probabilities: probabilities.map((term) => term * scale) };
}

/** The law of a sum of two independent terms, from `least` to `most`. */
export function convolveSpans(a: Span, b: Span, least: number, most: number): Span {
  const [own, others] = [a.probabilities, b.probabilities];
  const from = Math.max(least, a.from + b.from);
  const end = Math.min(most + 1, a.from + b.from + own.length + others.length - 1);
  const sums = new Float64Array(Math.max(0, end - from));
  for (let k = 0; k < sums.length; k++) {
    // The terms of a sum, as places in both laws.
    const both = k + from - a.from - b.from;
    const last = Math.min(both, own.length - 1);
    let sum = 0;
    for (let i = Math.max(0, both - others.length + 1); i <= last; i++) {
      sum += (own[i] as number) * (others[both - i] as number);
    }
    sums[k] = sum;
  }
  return { from, probabilities: sums };
}
