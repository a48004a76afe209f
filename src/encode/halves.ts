const HALF = 2 ** 26;

/** An integer of 52 bits, as many as a double holds exactly with some to spare, of the upper 26 of each word. */
export function joinHalves(highWord: number, lowWord: number): number {
  return (highWord >>> 6) * HALF + (lowWord >>> 6);
}

/** The upper 26 bits of an integer of 52; a remainder of doubles would take ten times as long. */
export function highHalf(number: number): number {
  return (number / HALF) | 0;
}

/** The lower 26 bits. */
export function lowHalf(number: number, high: number): number {
  return (number - high * HALF) | 0;
}
