import { highHalf, lowHalf } from '../../encode/index.js';

const MOST_SLOTS = 2 ** 26;
export const MOST_COUNT = 255;
/** Others at the place of a number, in the mean, as a share of the count that is looked for. */
const OTHERS = 1 / 8;
const LEAST_LOOKED_FOR = 4;

/**
 * Counts of numbers that may be too high and are never too low, in memory that does not grow beyond 64 MiB: one place per
 * number. A second place would forestall most of the few counts that are too high, and waiting for memory is nearly all
 * of the work; what is counted high is counted again exactly. A number is an integer of up to 52 bits whose bits are as
 * good as random.
 */
export class CountingFilter {
  readonly #counts: Uint8Array;
  readonly #mask: number;

  /** For so many numbers, of which those are looked for that come `least` times: a small filter stays in cache. */
  constructor(numbers: number, least = LEAST_LOOKED_FOR) {
    const load = OTHERS * Math.min(least, MOST_COUNT);
    const slots = Math.min(MOST_SLOTS, 2 ** Math.ceil(Math.log2(numbers / load + 1024)));
    this.#counts = new Uint8Array(slots);
    this.#mask = slots - 1;
  }

  /** Returns the highest count that any of them has now. */
  addAll(numbers: Float64Array): number {
    const counts = this.#counts;
    const mask = this.#mask;
    let highest = 0;
    for (let at = 0; at < numbers.length; at++) {
      const place = placeOf(numbers[at] as number) & mask;
      const count = counts[place] as number;
      if (count === MOST_COUNT) continue;
      counts[place] = count + 1;
      if (count >= highest) highest = count + 1;
    }
    return highest;
  }

  /** Where in `numbers` those stand that were counted `least` times or more. */
  placesOf(numbers: Float64Array, least: number): number[] {
    const counts = this.#counts;
    const mask = this.#mask;
    const places: number[] = [];
    for (let at = 0; at < numbers.length; at++) {
      if ((counts[placeOf(numbers[at] as number) & mask] as number) >= least) places.push(at);
    }
    return places;
  }

  /** At most 255. */
  count(number: number): number {
    return this.#counts[placeOf(number) & this.#mask] as number;
  }
}

function placeOf(number: number): number {
  const high = highHalf(number);
  return lowHalf(number, high) ^ high;
}
