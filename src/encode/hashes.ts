import { joinHalves } from './halves.js';

/** Two hashes of each row that collide independently: one of 32 bits alone confuses rows of a common table. */
export interface Hashes {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
}

/** What the words of each hash are multiplied by. */
const LOW = [0xcc9e2d51, 0x1b873593] as const;
const HIGH = [0x239b961b, 0xab0e9789] as const;

export function startHashes(rows: number, seed = 0): Hashes {
  return { low: new Uint32Array(rows).fill(seed), high: new Uint32Array(rows).fill(seed) };
}

export function addWords(hashes: Hashes, row: number, lowWord: number, highWord: number): void {
  const { low } = hashes;
  low[row] = stir((low[row] as number) ^ scatter(lowWord, LOW[0], LOW[1]));
  addHighWord(hashes, row, highWord);
}

/** The same word to both hashes of every row. */
export function addWordToAll({ low, high }: Hashes, word: number): void {
  const [ofLow, ofHigh] = [scatter(word, LOW[0], LOW[1]), scatter(word, HIGH[0], HIGH[1])];
  for (let row = 0; row < low.length; row++) {
    low[row] = stir((low[row] as number) ^ ofLow);
    high[row] = stir((high[row] as number) ^ ofHigh);
  }
}

/** To one of the hashes alone. */
export function addHighWord({ high }: Hashes, row: number, word: number): void {
  high[row] = stir((high[row] as number) ^ scatter(word, HIGH[0], HIGH[1]));
}

/** One number of 52 bits per row. */
export function hashNumbers({ low, high }: Hashes): Float64Array {
  const numbers = new Float64Array(low.length);
  for (let row = 0; row < numbers.length; row++) {
    numbers[row] = joinHalves(scramble(low[row] as number), scramble(high[row] as number));
  }
  return numbers;
}

/** A step of MurmurHash3 is stir(state ^ scatter(word)). */
function scatter(word: number, before: number, after: number): number {
  return Math.imul(rotate(Math.imul(word, before), 15), after);
}

function stir(state: number): number {
  return Math.imul(rotate(state, 13), 5) + 0xe6546b64;
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
