import { highHalf, lowHalf } from '../../encode/index.js';

/** So many places hold the digests of four million rows in 64 MiB. */
const MOST_PLACES = 2 ** 23;
/** Larger groups count as such ones. */
const MOST_COUNT = 2 ** 16 - 1;
/** Far more than half a table of random digests ever takes; digests that were made to collide stay uncounted. */
const MOST_STEPS = 128;

/** A group of equal rows. */
export interface CopyGroup {
  readonly rows: number;
  readonly trustedRows: number;
}

/**
 * How often each digest occurs, exact but for digests that agree in 32 bits and lie together: a hash table in flat arrays. Of
 * more digests than it can hold it counts those of every second group, fourth group and so on, whole: which groups these are
 * depends on the digests alone.
 */
export class CopyTable {
  /** A mark, and counts of rows and trusted rows in one word: what is read together lies together. */
  readonly #cells: Uint32Array;
  readonly #mask: number;
  /** Of so many groups one is counted. */
  readonly every: number;

  constructor(digests: number) {
    const places = Math.min(MOST_PLACES, 2 ** Math.ceil(Math.log2(2 * digests + 16)));
    this.#cells = new Uint32Array(2 * places);
    this.#mask = places - 1;
    this.every = CopyTable.everyOf(digests);
  }

  /** Of so many groups a table of so many digests counts one: those whose digests are divisible by it in their high half. */
  static everyOf(digests: number): number {
    return Math.max(1, 2 ** Math.ceil(Math.log2((2 * digests) / MOST_PLACES)));
  }

  add(digest: number, isTrusted = false): void {
    const cell = this.#cellOf(digest);
    if (cell < 0) return;
    const counts = this.#cells[cell] as number;
    if (rowsIn(counts) === MOST_COUNT) return;
    this.#cells[cell] = counts + 2 ** 16 + (isTrusted ? 1 : 0);
  }

  /** Rows with this digest; 0 for those that are not counted. */
  rowsOf(digest: number): number {
    const cell = this.#cellOf(digest);
    return cell < 0 ? 0 : rowsIn(this.#cells[cell] as number);
  }

  /** Rows of the batch, and trusted ones. */
  countsOf(digest: number): { readonly rows: number; readonly trustedRows: number } {
    const cell = this.#cellOf(digest);
    const counts = cell < 0 ? 0 : (this.#cells[cell] as number);
    return { rows: rowsIn(counts) - trustedIn(counts), trustedRows: trustedIn(counts) };
  }

  *groups(): Generator<CopyGroup> {
    for (let cell = 1; cell < this.#cells.length; cell += 2) {
      const counts = this.#cells[cell] as number;
      // Most are alone: one object for each would cost more than counting them.
      if (counts >= 2 ** 17) yield { rows: rowsIn(counts), trustedRows: trustedIn(counts) };
    }
  }

  /** Where the counts are, or are to be; −1 for what is not counted. */
  #cellOf(digest: number): number {
    const high = highHalf(digest);
    if ((high & (this.every - 1)) !== 0) return -1;
    const low = lowHalf(digest, high);
    const mark = (Math.imul(high, 0x9e3779b1) + low) >>> 0;
    const cells = this.#cells;
    for (let step = 0, place = low; step < MOST_STEPS; step++, place++) {
      const cell = 2 * (place & this.#mask) + 1;
      if (cells[cell] === 0) cells[cell - 1] = mark;
      if (cells[cell - 1] === mark) return cell;
    }
    return -1;
  }
}

function rowsIn(counts: number): number {
  return counts >>> 16;
}

function trustedIn(counts: number): number {
  return counts & MOST_COUNT;
}
