import type { Table, Vector } from 'apache-arrow';
import { hashText, joinHalves, readStrings, scramble, wordsOf } from '../../encode/index.js';
import { mixedScript } from '../mixed-script.js';

/** Cells are cut here, as they are for models. */
export const MAX_CELL_CHARACTERS = 20_000;
/** More items of one row are not kept. */
const MOST_ITEMS = 8192;
/** Letters that look like others, and characters that nobody sees, stand for themselves whatever word they are in. */
const SPECIAL = /[^\p{Script=Latin}\p{Script=Common}\s]|[\p{Cf}\p{Cc}\p{Co}]/gu;

/** The hash of a text, 52 bits. */
export function hash52(text: string, seed: number): number {
  return joinHalves(hashText(text, seed), hashText(text, seed + 0x5bd1));
}

/** A word of a cell. */
interface Word {
  readonly text: string;
  readonly low: number;
  readonly high: number;
}

/** The hash of two neighbouring words. */
export function pairId(left: string, right: string, seed: number): number {
  return joinPair(wordOf(left, seed), wordOf(right, seed));
}

function joinPair(a: Word, b: Word): number {
  return joinHalves(scramble(Math.imul(a.low, 31) ^ b.low), scramble(Math.imul(a.high, 37) ^ b.high));
}

function wordOf(text: string, seed: number): Word {
  return { text, low: hashText(text, seed), high: hashText(text, seed + 0x5bd1) };
}

function splitCell(cell: string, seed: number): Word[] {
  return wordsOf(cell.slice(0, MAX_CELL_CHARACTERS)).map((text) => wordOf(text, seed));
}

export function isSpecial(text: string): boolean {
  return [...text].length === 1 && text.search(SPECIAL) === 0;
}

export type GramKind = 'word' | 'pair' | 'special';

/** Of all words that mix scripts, whichever they are: letters that look alike are exchanged one here, one there. */
export function mixedId(seed: number): number {
  return hash52('', seed + 3);
}

/**
 * Calls `visit` with each word, pair of neighbouring words, special character and word of mixed letters of a cell; `text`
 * spells it. A pair comes between its words.
 */
export function visitGrams(
  cell: string,
  seed: number,
  visit: (id: number, text: () => string, kind: GramKind) => void,
): void {
  const words = splitCell(cell, seed);
  visitUnusual(cell.slice(0, MAX_CELL_CHARACTERS), words, seed, visit);
  words.forEach((word, index) => {
    visit(joinHalves(word.low, word.high), () => word.text, 'word');
    const next = words[index + 1];
    if (next !== undefined) visit(joinPair(word, next), () => `${word.text} ${next.text}`, 'pair');
  });
}

/** First of all, as of long texts not all items are kept. */
function visitUnusual(
  cell: string,
  words: readonly Word[],
  seed: number,
  visit: (id: number, text: () => string, kind: GramKind) => void,
): void {
  const special = cell.match(SPECIAL);
  if (special === null) return;
  for (const character of special) visit(hash52(character, seed + 2), () => character, 'special');
  for (const { text } of words) {
    if (mixedScript(text) !== undefined) visit(mixedId(seed), () => text, 'special');
  }
}

/** Seeds tell columns apart. */
export function seedOf(column: number): number {
  return 8 * column;
}

/** The items of text cells, each once a row; empty where there are no texts. */
export function readGrams(table: Table, names: readonly string[]): readonly Set<number>[] {
  if (names.length === 0) return [];
  const ids = Array.from({ length: table.numRows }, () => new Set<number>());
  names.forEach((name, column) => {
    readStrings(table.getChild(name) as Vector).forEach((cell, row) => {
      const own = ids[row];
      if (cell === null || own === undefined) return;
      visitGrams(cell, seedOf(column), (id) => {
        if (own.size < MOST_ITEMS) own.add(id);
      });
    });
  });
  return ids;
}
