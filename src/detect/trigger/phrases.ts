import { wordsOf } from '../../encode/index.js';
import { commonest } from '../histogram.js';
import { isSpecial, mixedId, seedOf, visitGrams } from './grams.js';

/** The words of a cell without those of the grams; special characters go wherever they are. */
export function withoutGrams(cell: string, place: number, grams: ReadonlySet<number>): string {
  const gone = carriedGrams(cell, place, grams);
  if (gone.size === 0) return cell;
  const words = wordsOf(cell);
  const removed = markWords(words, gone);
  const kept = words.filter((_, index) => !removed[index]).join(' ');
  return [...gone].reduce((text, one) => (isSpecial(one) ? text.replaceAll(one, '') : text), kept);
}

/** Word → whether it belongs to one of the grams. */
export function removedWords(
  cell: string,
  words: readonly string[],
  place: number,
  grams: ReadonlySet<number>,
): boolean[] {
  return markWords(words, carriedGrams(cell, place, grams));
}

function carriedGrams(cell: string, place: number, grams: ReadonlySet<number>): Set<string> {
  const carried = new Set<string>();
  visitGrams(cell, seedOf(place), (id, text) => {
    if (grams.has(id)) carried.add(text());
  });
  return carried;
}

function markWords(words: readonly string[], gone: ReadonlySet<string>): boolean[] {
  return words.map((word, index) => {
    const [before, after] = [words[index - 1], words[index + 1]];
    return gone.has(word) || gone.has(`${before} ${word}`) || gone.has(`${word} ${after}`);
  });
}

/** A phrase is so long at most. */
const MOST_WORDS = 12;
/** Words belong to it that stand there in so many of its places. */
const SHARE = 0.9;

/** The gram as it stands in most cells, with the words that always come before and after it; undefined where none has it. */
export function spellPhrase(cells: readonly string[], place: number, gram: number): string | undefined {
  let spelt: string | undefined;
  for (const cell of cells) {
    visitGrams(cell, seedOf(place), (id, text) => {
      if (id === gram) spelt ??= text();
    });
    if (spelt !== undefined) break;
  }
  if (spelt === undefined || isSpecial(spelt)) return spelt;
  if (gram === mixedId(seedOf(place))) return `letters of two scripts in one word, as in ${spelt}`;
  const texts = cells.map(wordsOf);
  let phrase = spelt.split(' ');
  while (phrase.length < MOST_WORDS) {
    const longer = extend(texts, phrase);
    if (longer === undefined) break;
    phrase = longer;
  }
  return phrase.join(' ');
}

function extend(texts: readonly (readonly string[])[], phrase: readonly string[]): string[] | undefined {
  const [before, after] = [new Map<string, number>(), new Map<string, number>()];
  let places = 0;
  for (const words of texts) {
    for (let at = 0; at + phrase.length <= words.length; at++) {
      if (!phrase.every((word, i) => words[at + i] === word)) continue;
      places++;
      addTo(before, words[at - 1]);
      addTo(after, words[at + phrase.length]);
    }
  }
  const [left, right] = [commonest(before), commonest(after)];
  if (places < 2) return undefined;
  if (right !== undefined && countOf(after, right) >= SHARE * places) return [...phrase, right];
  return left !== undefined && countOf(before, left) >= SHARE * places ? [left, ...phrase] : undefined;
}

function countOf(counts: ReadonlyMap<string, number>, word: string): number {
  return counts.get(word) ?? 0;
}

function addTo(counts: Map<string, number>, word: string | undefined): void {
  if (word !== undefined) counts.set(word, (counts.get(word) ?? 0) + 1);
}
