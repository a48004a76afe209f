import { wordsOf } from '../../encode/index.js';
import { isSpecial, seedOf, visitGrams } from './grams.js';

/** The words of a cell without those of the grams; special characters go wherever they are. */
export function withoutGrams(cell: string, place: number, grams: ReadonlySet<number>): string {
  const gone = new Set<string>();
  visitGrams(cell, seedOf(place), (id, text) => {
    if (grams.has(id)) gone.add(text());
  });
  if (gone.size === 0) return cell;
  const words = wordsOf(cell);
  const kept = words.filter((word, index) => {
    const [before, after] = [words[index - 1], words[index + 1]];
    return !gone.has(word) && !gone.has(`${before} ${word}`) && !gone.has(`${word} ${after}`);
  });
  return [...gone].reduce((text, one) => (isSpecial(one) ? text.replaceAll(one, '') : text), kept.join(' '));
}

/** How the gram is spelt in a cell; undefined where it is not there. */
export function spellGram(cell: string, place: number, gram: number): string | undefined {
  let found: string | undefined;
  visitGrams(cell, seedOf(place), (id, text) => {
    if (id === gram) found ??= text();
  });
  return found;
}
