import type { Table, Vector } from 'apache-arrow';
import { type Matrix, type Rows, readColumns } from '../linear/index.js';
import { isString } from './columns.js';
import { type DigestColumn, singleDigests } from './digest.js';
import type { EncodedRows, Encoder } from './encoder.js';
import { addWords, type Hashes, hashNumbers, scramble, startHashes } from './hashes.js';
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

/** The digest of the row, and per band a hash of what near copies have in common in text and in dense columns. */
export function signRows(signer: Signer, encoder: Encoder, table: Table, encoded: EncodedRows<Rows>): Signatures {
  const signatures = [singleDigests(table, signer.columns)];
  const { banding } = signer;
  if (banding !== null) {
    const bands = Array.from({ length: banding.bands }, (_, band) => startHashes(table.numRows, band + 1));
    if (encoder.expansion !== null) {
      const width = encoder.expansion.projection.cols;
      addSigns(bands, readColumns(encoded.features, encoded.denseDims - width, width), banding.signs);
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
function addSigns(bands: readonly Hashes[], { data, cols, rows }: Matrix, signs: number): void {
  // Which are zero is as random as coins: comparing them one by one would be guessed wrongly half of the time.
  const bits = new Int32Array(data.buffer, data.byteOffset, data.length);
  bands.forEach((band, index) => {
    const last = Math.min(cols, (index + 1) * signs);
    for (let first = index * signs; first < last; first += 32) {
      addPart(band, bits, { first, width: Math.min(32, last - first), cols, rows });
    }
  });
}

interface Part {
  readonly first: number;
  readonly width: number;
  readonly cols: number;
  readonly rows: number;
}

function addPart(band: Hashes, bits: Int32Array, { first, width, cols, rows }: Part): void {
  for (let row = 0, from = first; row < rows; row++, from += cols) {
    let word = 0;
    for (let at = from; at < from + width; at++) {
      const magnitude = (bits[at] as number) << 1;
      word = (word << 1) | ((magnitude | -magnitude) >>> 31);
    }
    addWords(band, row, word, word);
  }
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
        addWords(band, row, word, scramble(word));
      }
    }
  });
}
