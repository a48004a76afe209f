/** An end is left out where no finite one can be said. */
export interface SlackRange {
  readonly min?: number;
  readonly max?: number;
}

/** Of the distance from the median to the extreme: new rows go a little farther than the trusted ones did. */
const LEAST_SLACK = 0.5;
const MOST_SLACK = 10;
/** Of the distance between the extremes, for a side on which the median lies at the extreme. */
const LEAST_SHARE = 0.25;
/**
 * Zero is a wall where the side that leads to it is no longer than so many interquartile ranges: amounts, counts and
 * uniform values have 0.6 to 1, a normal law that happens to have no negative value has 2 and more.
 */
const LONGEST_WALLED = 1.2;
/** Figures of the slack that are kept when the end is rounded outwards, so that a person can read it. */
const KEPT_FIGURES = 2;
const EXACT_FIGURES = 12;

/** What the distances on both sides of the median are compared with. */
interface Spread {
  readonly median: number;
  readonly interquartile: number;
  readonly total: number;
  readonly isWhole: boolean;
}

/**
 * A range in which values of the same kind as these will lie. Each end is farther out than the extreme value by half
 * its distance from the median, more where the tail is long (half of distance / interquartile range − 1, at most ten
 * times the distance: of 300 lognormal rows fewer than 0.1 then lie outside, without slack one would).
 * Amounts that end at zero or just before do not pass it, whole numbers get whole ends. Undefined where the values
 * do not differ, or by too much for a number.
 */
export function rangeWithSlack(numbers: Float64Array): SlackRange | undefined {
  const sorted = numbers.filter((value) => !Number.isNaN(value)).sort();
  const least = sorted[0];
  const most = sorted.at(-1);
  if (least === undefined || most === undefined || least === most) return undefined;
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] as number;
  const spread = {
    median: at(0.5),
    interquartile: at(0.75) - at(0.25),
    total: most - least,
    isWhole: sorted.every(Number.isInteger),
  };
  const max = upperEnd(most, spread);
  const mirrored = upperEnd(-least, { ...spread, median: -spread.median });
  if (mirrored === undefined && max === undefined) return undefined;
  return {
    // Adding zero takes the sign from a negative zero.
    ...(mirrored === undefined ? {} : { min: -mirrored + 0 }),
    ...(max === undefined ? {} : { max }),
  };
}

function upperEnd(extreme: number, { median, interquartile, total, isWhole }: Spread): number | undefined {
  const distance = extreme - median;
  const tail = interquartile > 0 ? (distance / interquartile - 1) / 2 : 1;
  const factor = Math.min(MOST_SLACK, Math.max(LEAST_SLACK, tail));
  const slack = Math.max(distance * factor, LEAST_SHARE * total);
  const figure = 10 ** (Math.floor(Math.log10(slack)) + 1 - KEPT_FIGURES);
  const step = isWhole ? Math.max(1, figure) : figure;
  const rounded = Number((Math.ceil((extreme + slack) / step) * step).toPrecision(EXACT_FIGURES));
  if (!Number.isFinite(rounded)) return undefined;
  const end = Math.max(rounded, extreme);
  const isWalled = extreme === 0 || (extreme < 0 && distance <= LONGEST_WALLED * interquartile);
  return isWalled ? Math.min(end, 0) : end;
}
