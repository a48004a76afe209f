const MOST_SLOTS = 2 ** 26;
export const MOST_COUNT = 255;

/**
 * Counts of numbers that may be too high and are never too low, in memory that does not grow beyond 64 MiB: a count–min
 * sketch of two places per number with conservative update (Estan and Varghese 2002).
 */
export class CountingFilter {
  readonly #counts: Uint8Array;
  readonly #mask: number;

  constructor(numbers: number) {
    const slots = Math.min(MOST_SLOTS, 2 ** Math.ceil(Math.log2(2 * numbers + 1024)));
    this.#counts = new Uint8Array(slots);
    this.#mask = slots - 1;
  }

  /** `number` is an integer of up to 52 bits whose bits are as good as random. */
  add(number: number): void {
    const [a, b] = [this.#placeOf(number), this.#otherPlaceOf(number)];
    const least = this.count(number);
    if (least === MOST_COUNT) return;
    if (this.#counts[a] === least) this.#counts[a] = least + 1;
    if (this.#counts[b] === least) this.#counts[b] = least + 1;
  }

  /** At most 255. */
  count(number: number): number {
    const a = this.#counts[this.#placeOf(number)] as number;
    const b = this.#counts[this.#otherPlaceOf(number)] as number;
    return a < b ? a : b;
  }

  #placeOf(number: number): number {
    return (number % 2 ** 26) & this.#mask;
  }

  #otherPlaceOf(number: number): number {
    return Math.floor(number / 2 ** 26) & this.#mask;
  }
}
