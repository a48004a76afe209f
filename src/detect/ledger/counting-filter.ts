import { highHalf, lowHalf } from './halves.js';

const MOST_SLOTS = 2 ** 26;
export const MOST_COUNT = 255;
/** Both places of a number are in one line of the processor's cache: waiting for memory is most of the work. */
const LINE_BITS = 6;
const LINE = 2 ** LINE_BITS;

/**
 * Counts of numbers that may be too high and are never too low, in memory that does not grow beyond 64 MiB: a count–min
 * sketch of two places per number with conservative update (Estan and Varghese 2002). A number is an integer of up to
 * 52 bits whose bits are as good as random.
 */
export class CountingFilter {
  readonly #counts: Uint8Array;
  readonly #mask: number;

  constructor(numbers: number) {
    const slots = Math.min(MOST_SLOTS, 2 ** Math.ceil(Math.log2(2 * numbers + 1024)));
    this.#counts = new Uint8Array(slots);
    this.#mask = slots / LINE - 1;
  }

  /** Returns the highest count that any of them has now. */
  addAll(numbers: Float64Array): number {
    const counts = this.#counts;
    const mask = this.#mask;
    let highest = 0;
    for (let at = 0; at < numbers.length; at++) {
      const number = numbers[at] as number;
      const high = highHalf(number);
      const line = (lowHalf(number, high) & mask) * LINE;
      const a = line + (high & (LINE - 1));
      const b = line + ((high >>> LINE_BITS) & (LINE - 1));
      const [inA, inB] = [counts[a] as number, counts[b] as number];
      const least = inA < inB ? inA : inB;
      if (least === MOST_COUNT) continue;
      if (inA === least) counts[a] = least + 1;
      if (inB === least) counts[b] = least + 1;
      if (least >= highest) highest = least + 1;
    }
    return highest;
  }

  /** Where in `numbers` those stand that were counted `least` times or more. */
  placesOf(numbers: Float64Array, least: number): number[] {
    const counts = this.#counts;
    const mask = this.#mask;
    const places: number[] = [];
    for (let at = 0; at < numbers.length; at++) {
      const number = numbers[at] as number;
      const high = highHalf(number);
      const line = (lowHalf(number, high) & mask) * LINE;
      if ((counts[line + (high & (LINE - 1))] as number) < least) continue;
      if ((counts[line + ((high >>> LINE_BITS) & (LINE - 1))] as number) >= least) places.push(at);
    }
    return places;
  }

  /** At most 255. */
  count(number: number): number {
    const high = highHalf(number);
    const line = (lowHalf(number, high) & this.#mask) * LINE;
    const a = this.#counts[line + (high & (LINE - 1))] as number;
    const b = this.#counts[line + ((high >>> LINE_BITS) & (LINE - 1))] as number;
    return a < b ? a : b;
  }
}
