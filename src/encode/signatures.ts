import type { Table, Vector } from 'apache-arrow';
import { packSigns, type Rows, wordsOfSigns } from '../linear/index.js';
import { isString } from './columns.js';
import { type DigestColumn, singleDigests } from './digest.js';
import type { EncodedRows, Encoder } from './encoder.js';
import { highHalf } from './halves.js';
import { addHighWord, addWords, type Hashes, hashNumbers, scramble, startHashes } from './hashes.js';
import { readWords, type WordRows } from './text.js';

/** How rows are signed: copies of a row share a signature. Plain data. */
export interface Signer {
  /** Feature columns. */
  readonly columns: readonly DigestColumn[];
  /** Null for exact copies alone. */
  readonly banding: Banding | null;
}

/** Signatures that near copies share most of the time. */
export interface Banding {
  readonly bands: number;
  /** Signs of random projections in a band (Charikar 2002). */
  readonly signs: number;
  /** Least words in a band (Broder 1997). */
  readonly words: number;
}

/** Signatures side by side: rows × perRow, integers of up to 52 bits. A row's never depend on the rows it comes with. */
export interface Signatures {
  readonly perRow: number;
  readonly values: Float64Array;
}

/**
 * From many bands that forgive much to few that forgive little; as many signs as there are random features. With the
 * first, copies 1 % apart share .87 of their bands, and sentences of ten words that lack one word .6; one shared band
 * is enough.
 */
const BANDINGS: readonly Banding[] = [
  { bands: 6, signs: 42, words: 4 },
  { bands: 4, signs: 64, words: 5 },
  { bands: 3, signs: 85, words: 6 },
  { bands: 2, signs: 128, words: 8 },
];
/** Other trusted rows that share two bands with a row, on average: more would drown a flood's copies among bystanders. */
const MOST_BYSTANDERS = 0.25;
/** Pairs of rows in one band, per row, beyond which counting them is of no use. */
const MOST_PAIRS = 10;

/** The most forgiving bands that tell the trusted rows apart; `distinct` are the first rows of each group of equal ones. */
export function fitSigner(
  names: readonly string[],
  encoder: Encoder,
  table: Table,
  encoded: EncodedRows<Rows>,
  distinct: Int32Array,
): Signer {
  const columns = names.map((name) => ({ name, isText: isString((table.getChild(name) as Vector).type) }));
  const banding = BANDINGS.find((one) => {
    const signatures = signRows({ columns, banding: one }, encoder, table, encoded);
    return meanBystanders(signatures, distinct) <= MOST_BYSTANDERS;
  });
  return { columns, banding: banding ?? null };
}

export function signaturesPerRow({ banding }: Signer): number {
  return 1 + (banding?.bands ?? 0);
}

/** The first signature of each row, which only equal rows share. */
export function digestsIn({ perRow, values }: Signatures): Float64Array {
  const digests = new Float64Array(values.length / perRow);
  for (let row = 0; row < digests.length; row++) digests[row] = values[row * perRow] as number;
  return digests;
}

function meanBystanders({ perRow, values }: Signatures, distinct: Int32Array): number {
  const shared = new Map<number, number>();
  for (let band = 1; band < perRow; band++) {
    const groups = new Map<number, number[]>();
    for (let i = 0; i < distinct.length; i++) {
      const signature = values[(distinct[i] as number) * perRow + band] as number;
      const others = groups.get(signature) ?? [];
      if (others.length === 0) groups.set(signature, others);
      for (const other of others) {
        const pair = other * distinct.length + i;
        shared.set(pair, (shared.get(pair) ?? 0) + 1);
      }
      others.push(i);
      if (shared.size > MOST_PAIRS * distinct.length) return Infinity;
    }
  }
  let pairs = 0;
  for (const bands of shared.values()) if (bands > 1) pairs++;
  return (2 * pairs) / Math.max(1, distinct.length);
}

/** Of a band's signature, what tells which word came first: far more rows share it where they have but a phrase in common. */
export function firstWordIn(signature: number): number {
  return highHalf(signature);
}

/** The digest of the row, and per band a hash of what near copies have in common in text and in dense columns. */
export function signRows(signer: Signer, encoder: Encoder, table: Table, encoded: EncodedRows<Rows>): Signatures {
  const signatures = [singleDigests(table, signer.columns)];
  const { banding } = signer;
  if (banding !== null) {
    const bands = Array.from({ length: banding.bands }, (_, band) => startHashes(table.numRows, band + 1));
    if (encoder.expansion !== null) {
      addSigns(bands, encoded, encoder.expansion.projection.cols, banding.signs);
    }
    if (encoder.text !== null) addLeastWords(bands, readWords(encoder.text, table), banding.words);
    signatures.push(...bands.map(hashNumbers));
  }
  return interleave(signatures, table.numRows);
}

function interleave(columns: readonly Float64Array[], rows: number): Signatures {
  const perRow = columns.length;
  const values = new Float64Array(rows * perRow);
  columns.forEach((column, offset) => {
    for (let row = 0; row < rows; row++) values[row * perRow + offset] = column[row] as number;
  });
  return { perRow, values };
}

/** Which of the random rectified features are not cut off: the side of each random plane on which the row lies. */
function addSigns(bands: readonly Hashes[], { features, denseDims }: EncodedRows<Rows>, width: number, signs: number) {
  const groups = { from: denseDims - width, end: denseDims, groups: bands.length, perGroup: signs };
  const { data, rows, cols } = packSigns(features, groups);
  const words = wordsOfSigns(signs);
  bands.forEach((band, index) => {
    for (let row = 0; row < rows; row++) {
      const first = row * cols + index * words;
      for (let at = first; at < first + words; at++) addWords(band, row, data[at] as number, data[at] as number);
    }
  });
}

/** The words that come first in a few random orders, rare ones more often than common ones (weighted MinHash). */
function addLeastWords(bands: readonly Hashes[], { starts, hashes, weights }: WordRows, words: number): void {
  bands.forEach((band, index) => {
    for (let order = index * words; order < (index + 1) * words; order++) {
      const salt = scramble(order + 1);
      for (let row = 0; row + 1 < starts.length; row++) {
        let [least, word] = [Infinity, 0];
        for (let at = starts[row] as number, end = starts[row + 1] as number; at < end; at++) {
          const priority = scramble((hashes[at] as number) ^ salt) / (weights[at] as number);
          if (priority < least) {
            least = priority;
            word = hashes[at] as number;
          }
        }
        // The first word makes one half of a signature, all words make the other.
        if (order === index * words) addWords(band, row, word, scramble(word));
        else addHighWord(band, row, scramble(word));
      }
    }
  });
}
