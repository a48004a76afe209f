import { joinHalves } from './halves.js';

/** Two hashes of each row that collide independently: one of 32 bits alone confuses rows of a common table. */
export interface Hashes {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
}

export function startHashes(rows: number, seed = 0): Hashes {
  return { low: new Uint32Array(rows).fill(seed), high: new Uint32Array(rows).fill(seed) };
}

export function addWords(hashes: Hashes, row: number, lowWord: number, highWord: number): void {
  const { low } = hashes;
  low[row] = mix(low[row] as number, lowWord, 0xcc9e2d51, 0x1b873593);
  addHighWord(hashes, row, highWord);
}

/** To one of the hashes alone. */
export function addHighWord({ high }: Hashes, row: number, word: number): void {
  high[row] = mix(high[row] as number, word, 0x239b961b, 0xab0e9789);
}

/** One number of 52 bits per row. */
export function hashNumbers({ low, high }: Hashes): Float64Array {
  const numbers = new Float64Array(low.length);
  for (let row = 0; row < numbers.length; row++) {
    numbers[row] = joinHalves(scramble(low[row] as number), scramble(high[row] as number));
  }
  return numbers;
}

/** One step of MurmurHash3. */
function mix(state: number, word: number, before: number, after: number): number {
  const mixed = state ^ Math.imul(rotate(Math.imul(word, before), 15), after);
  return Math.imul(rotate(mixed, 13), 5) + 0xe6546b64;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** The end of MurmurHash3: every bit of the state bears on every bit of the result. */
export function scramble(state: number): number {
  const mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  const again = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (again ^ (again >>> 16)) >>> 0;
}
