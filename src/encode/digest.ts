import type { DataType, Table, Vector } from 'apache-arrow';
import { readCodes } from './codes.js';
import { isNumeric, isString, listSize, readLists, readNumbers } from './columns.js';
import { highHalf, lowHalf } from './halves.js';
import { addWords, addWordToAll, type Hashes, hashNumbers, startHashes } from './hashes.js';
import { hashText } from './text.js';

/** One number per row, equal for rows whose cells in `names` are equal (52 bits; collisions about 1e-8 at 10,000 rows). */
export function rowDigests(table: Table, names: readonly string[]): Float64Array {
  const hashes = startHashes(table.numRows);
  for (const name of names) addColumn(hashes, table.getChild(name) as Vector, addNumbers);
  return hashNumbers(hashes);
}

/** Digests of the same 52 bits whose order nobody can foretell without the key, which is hexadecimal. */
export function digestsUnderKey(digests: Float64Array, key: string): Float64Array {
  const keyWords = (key.match(/.{8}/g) ?? []).map((word) => Number.parseInt(word, 16));
  const hashes = startHashes(digests.length);
  // The key on both sides of the digest: what comes last alone could be taken back.
  for (const word of keyWords) addWordToAll(hashes, word);
  for (let row = 0; row < digests.length; row++) {
    const digest = digests[row] as number;
    const high = highHalf(digest);
    const low = lowHalf(digest, high);
    addWords(hashes, row, low, high);
    addWords(hashes, row, high, low);
  }
  for (const word of keyWords) addWordToAll(hashes, word);
  return hashNumbers(hashes);
}

/** Row digests in single precision: equal also when a file's numbers were written with fewer digits than another's. */
export function singleDigests(table: Table, columns: readonly DigestColumn[]): Float64Array {
  const hashes = startHashes(table.numRows);
  for (const { name, isText } of columns) {
    const column = table.getChild(name) as Vector;
    // A file without types shows categories that look like numbers as numbers.
    if (isText) addStrings(hashes, column);
    else addColumn(hashes, column, addSingles);
  }
  return hashNumbers(hashes);
}

export interface DigestColumn {
  readonly name: string;
  /** Trusted rows hold strings there. */
  readonly isText: boolean;
}

type AddNumbers = (hashes: Hashes, values: Float32Array | Float64Array, size: number) => void;

function addColumn(hashes: Hashes, column: Vector, add: AddNumbers): void {
  const type: DataType = column.type;
  const size = listSize(type);
  if (size !== undefined) add(hashes, readLists(column, size), size);
  else if (isNumeric(type)) add(hashes, readNumbers(column), 1);
  else if (isString(type)) addStrings(hashes, column);
}

function addStrings(hashes: Hashes, column: Vector): void {
  const { values, codes } = readCodes(column);
  const low = Uint32Array.from(values, (cell) => hashText(cell, 7));
  const high = Uint32Array.from(values, (cell) => hashText(cell, 8));
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row] as number;
    if (code < 0) addWords(hashes, row, 1, 1);
    else addWords(hashes, row, low[code] as number, high[code] as number);
  }
}

function addNumbers(hashes: Hashes, values: Float32Array | Float64Array, size: number): void {
  addBits(hashes, new Uint32Array(unify(new Float64Array(values)).buffer), 2 * size);
}

function addSingles(hashes: Hashes, values: Float32Array | Float64Array, size: number): void {
  addBits(hashes, singleBits(values), size);
}

/** The bits of numbers in single precision, equal for equal numbers: −0 and 0 have the same, and so has every NaN. */
export function singleBits(values: Float32Array | Float64Array): Uint32Array {
  return new Uint32Array(unify(new Float32Array(values)).buffer);
}

/** −0 becomes 0, and every NaN the same one. */
function unify<Values extends Float32Array | Float64Array>(values: Values): Values {
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number;
    values[at] = Number.isNaN(value) ? Number.NaN : value + 0;
  }
  return values;
}

function addBits(hashes: Hashes, words: Uint32Array, wordsPerRow: number): void {
  for (let at = 0, row = 0; at < words.length; row++) {
    for (const end = at + wordsPerRow; at < end; at++) {
      addWords(hashes, row, words[at] as number, words[at] as number);
    }
  }
}
