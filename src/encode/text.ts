import type { Table, Vector } from 'apache-arrow';
import { readStrings } from './columns.js';

/** Sparse rows: row i has `values[k]` at dimension `indices[k]` for starts[i] ≤ k < starts[i + 1]; unit length. */
export interface SparseRows {
  readonly rows: number;
  readonly starts: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

export interface TextModel {
  readonly names: readonly string[];
  /** Weight of each hashed n-gram. */
  readonly weights: Float32Array;
}

const HASH_BITS = 18;
const HASH_DIMS = 1 << HASH_BITS;
const CHARACTER_GRAMS = [3, 4, 5] as const;
/**
 * Added to each document count: n-grams of no trusted row, and of one only, weigh nearly the same, so that a
 * trusted row is not told apart from a new one by having been counted itself.
 */
const COUNT_SMOOTHING = 5;
/** Cells are cut here: hashing n-grams of a book would tell no more. */
export const MAX_CELL_CHARACTERS = 20_000;
const LETTER_OR_DIGIT = /[\p{L}\p{N}_]/u;

/** Hashed word 1- and 2-grams and in-word character 3- to 5-grams with inverse document frequency over distinct rows. */
export function fitText(trusted: Table, names: readonly string[], distinct: Int32Array): TextModel {
  const counts = new Int32Array(HASH_DIMS);
  const columns = names.map((name) => readStrings(trusted.getChild(name) as Vector));
  for (const row of distinct) {
    for (const gram of countGrams(columns, row).keys()) counts[gram] = (counts[gram] as number) + 1;
  }
  const total = distinct.length + COUNT_SMOOTHING;
  return { names, weights: Float32Array.from(counts, (count) => 1 + Math.log(total / (count + COUNT_SMOOTHING))) };
}

export function encodeText(model: TextModel, table: Table): SparseRows {
  const columns = model.names.map((name) => readStrings(table.getChild(name) as Vector));
  const starts = new Int32Array(table.numRows + 1);
  const indices: number[] = [];
  const values: number[] = [];
  for (let row = 0; row < table.numRows; row++) {
    const grams = [...countGrams(columns, row)].sort(([a], [b]) => a - b);
    const weighted = grams.map(([gram, count]) => (1 + Math.log(count)) * (model.weights[gram] as number));
    const length = Math.sqrt(weighted.reduce((sum, weight) => sum + weight * weight, 0)) || 1;
    grams.forEach(([gram], k) => {
      indices.push(gram);
      values.push((weighted[k] as number) / length);
    });
    starts[row + 1] = indices.length;
  }
  return { rows: table.numRows, starts, indices: Int32Array.from(indices), values: Float32Array.from(values) };
}

function countGrams(columns: readonly (readonly (string | null)[])[], row: number): Map<number, number> {
  const counts = new Map<number, number>();
  columns.forEach((cells, column) => {
    const cell = cells[row];
    if (cell !== null && cell !== undefined) countCell(counts, cell.slice(0, MAX_CELL_CHARACTERS), column);
  });
  return counts;
}

function countCell(counts: Map<number, number>, cell: string, column: number): void {
  const add = (gram: string, family: number) => {
    const hash = hashText(gram, column * 4 + family) & (HASH_DIMS - 1);
    counts.set(hash, (counts.get(hash) ?? 0) + 1);
  };
  const words = wordsOf(cell);
  words.forEach((word, i) => {
    add(word, 0);
    if (i > 0) add(`${words[i - 1]} ${word}`, 1);
    const padded = ` ${word} `;
    for (const size of CHARACTER_GRAMS) {
      for (let from = 0; from + size <= padded.length; from++) add(padded.slice(from, from + size), 2);
    }
  });
}

/** Words and single other characters, in lower case. */
export function wordsOf(cell: string): readonly string[] {
  return cell.toLowerCase().match(/[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
}

/** The words of each row by hash, with the weights of the model: rows start at `starts`. */
export interface WordRows {
  readonly starts: Int32Array;
  readonly hashes: Uint32Array;
  readonly weights: Float32Array;
}

/** Words alone, without punctuation, repeated ones as often as they come. */
export function readWords({ names, weights }: TextModel, table: Table): WordRows {
  const columns = names.map((name) => readStrings(table.getChild(name) as Vector));
  const starts = new Int32Array(table.numRows + 1);
  const hashes: number[] = [];
  for (let row = 0; row < table.numRows; row++) {
    columns.forEach((cells, column) => {
      for (const word of wordsOf(cells[row]?.slice(0, MAX_CELL_CHARACTERS) ?? '')) {
        if (LETTER_OR_DIGIT.test(word)) hashes.push(hashText(word, column * 4));
      }
    });
    starts[row + 1] = hashes.length;
  }
  return {
    starts,
    hashes: Uint32Array.from(hashes),
    weights: Float32Array.from(hashes, (hash) => weights[hash & (HASH_DIMS - 1)] as number),
  };
}

/** FNV-1a over UTF-16 units with a final mix (MurmurHash3), 32 bits. */
export function hashText(text: string, seed: number): number {
  let hash = 0x811c9dc5 ^ Math.imul(seed + 1, 0x9e3779b1);
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
