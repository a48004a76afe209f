import type { DataType, Table, Vector } from 'apache-arrow';
import { isNumeric, isString, listSize, readLists, readNumbers, readStrings } from './columns.js';
import { hashText } from './text.js';

/** One number per row, equal for rows whose cells in `names` are equal (52 bits; collisions about 1e-8 at 10,000 rows). */
export function rowDigests(table: Table, names: readonly string[]): Float64Array {
  const hashes = { low: new Uint32Array(table.numRows), high: new Uint32Array(table.numRows) };
  for (const name of names) addColumn(hashes, table.getChild(name) as Vector);
  return Float64Array.from(
    hashes.low,
    (low, row) => (finish(low) >>> 6) * 2 ** 26 + (finish(hashes.high[row] as number) >>> 6),
  );
}

/** Two hashes of each row that collide independently: one of 32 bits alone confuses rows of a common table. */
interface Hashes {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
}

function addColumn(hashes: Hashes, column: Vector): void {
  const type: DataType = column.type;
  const size = listSize(type);
  if (size !== undefined) addNumbers(hashes, readLists(column, size), size);
  else if (isNumeric(type)) addNumbers(hashes, readNumbers(column), 1);
  else if (isString(type)) {
    readStrings(column).forEach((cell, row) => {
      if (cell === null) addWords(hashes, row, 1, 1);
      else addWords(hashes, row, hashText(cell, 7), hashText(cell, 8));
    });
  }
}

function addNumbers(hashes: Hashes, values: Float32Array | Float64Array, size: number): void {
  const bits = new Float64Array(1);
  const words = new Uint32Array(bits.buffer);
  values.forEach((value, at) => {
    const row = Math.floor(at / size);
    bits[0] = value + 0; // −0 equals 0
    addWords(hashes, row, words[0] as number, words[0] as number);
    addWords(hashes, row, words[1] as number, words[1] as number);
  });
}

function addWords({ low, high }: Hashes, row: number, lowWord: number, highWord: number): void {
  low[row] = mix(low[row] as number, lowWord, 0xcc9e2d51, 0x1b873593);
  high[row] = mix(high[row] as number, highWord, 0x239b961b, 0xab0e9789);
}

/** One step of MurmurHash3. */
function mix(state: number, word: number, before: number, after: number): number {
  const mixed = state ^ Math.imul(rotate(Math.imul(word, before), 15), after);
  return Math.imul(rotate(mixed, 13), 5) + 0xe6546b64;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function finish(state: number): number {
  const mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  const again = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (again ^ (again >>> 16)) >>> 0;
}
