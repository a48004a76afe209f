const HALF = 2 ** 26;

/** The upper 26 bits of an integer of 52; a remainder of doubles would take ten times as long. */
export function highHalf(number: number): number {
  return (number / HALF) | 0;
}

/** The lower 26 bits. */
export function lowHalf(number: number, high: number): number {
  return (number - high * HALF) | 0;
}
