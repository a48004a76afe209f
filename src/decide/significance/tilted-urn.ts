/** Rows of which `drawn` are drawn without replacement; `counts[i]` rows have value `values[i]`, ascending. */
export interface Urn {
  readonly values: Float64Array;
  readonly counts: Float64Array;
  readonly drawn: number;
  readonly total: number;
}

/** An urn whose rows are drawn the likelier the greater their values are. */
export interface TiltedUrn {
  readonly urn: Urn;
  /** Log odds of a row of value 0 to be drawn. */
  readonly theta: number;
  readonly mean: number;
  /** Of the sum, given how many are drawn. */
  readonly variance: number;
  /** The sum's third cumulant: its skewness times the cube of its standard deviation. */
  readonly third: number;
  /** Variance of the number drawn before conditioning. */
  readonly spread: number;
}

/** Rows drawn independently with log odds theta + tilt · value, such that `drawn` are expected. */
export function tiltUrn(urn: Urn, tilt: number): TiltedUrn {
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
  const centre = cross / spread;
  const variance = Math.max(0, square - cross * centre);
  const third = values.reduce((sum, value, i) => {
    const chance = logistic(theta + tilt * value);
    return sum + (counts[i] as number) * chance * (1 - chance) * (1 - 2 * chance) * (value - centre) ** 3;
  }, 0);
  return { urn, theta, mean, variance, third, spread };
}

export function logistic(x: number): number {
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
export function solveTilt(urns: readonly Urn[], target: number): number {
  const gaps = urns.flatMap(({ values }) => [...values.subarray(1)].map((value, i) => value - (values[i] as number)));
  // Beyond it even the closest two levels are told apart: the law does not change any more.
  const limit = 30 / Math.max(Math.min(...gaps), 1e-9);
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

export function logPartition({ urn, theta }: TiltedUrn, tilt: number): number {
  return urn.values.reduce((sum, value, i) => sum + (urn.counts[i] as number) * softplus(theta + tilt * value), 0);
}

/**
 * What a tilt makes of the sum's moment generating function given how many are drawn, by the saddlepoint approximation over
 * the number drawn (Skovgaard 1987): exp(exponent − logSpread / 2).
 */
export function tiltedMoment(part: TiltedUrn, tilt: number): { readonly exponent: number; readonly logSpread: number } {
  const { drawn, total } = part.urn;
  const untilted = Math.log(drawn / (total - drawn));
  return {
    exponent: logPartition(part, tilt) - total * softplus(untilted) - (part.theta - untilted) * drawn,
    logSpread: Math.log((part.spread * total) / (drawn * (total - drawn))),
  };
}
