import type { Vector } from 'apache-arrow';
import { readStrings, wordsOf } from '../../encode/index.js';
import { pairId, seedOf } from './grams.js';
import { removedWords } from './phrases.js';
import { type TrustedItems, trustedCount } from './trusted.js';

/** What stands on both sides of a word that was put into a sentence, were neighbours before. */
export interface Insertion {
  /** Places with words on both sides. */
  readonly places: number;
  /** Share of them whose words are neighbours in trusted rows, less what chance pairs of the same words have. */
  readonly excess: number;
  /** A lower bound of it. */
  readonly bound: number;
}

/** The cells at `carriers` carry the items; the null law is their right sides turned by one, two, … places. */
export function testInsertion(
  cells: Vector,
  carriers: Int32Array,
  place: number,
  items: ReadonlySet<number>,
  trusted: TrustedItems,
): Insertion {
  const sides: [string, string][] = [];
  const texts = readStrings(cells);
  for (const row of carriers) sides.push(...gapsOf(texts[row] ?? '', place, items));
  const places = sides.length;
  if (places < 2) return { places, excess: 0, bound: 0 };
  const isKnown = (left: string, right: string) => trustedCount(trusted, pairId(left, right, seedOf(place))) > 0;
  const known = sides.filter(([left, right]) => isKnown(left, right)).length / places;
  const turns = Math.min(5, places - 1);
  let chance = 0;
  for (let turn = 1; turn <= turns; turn++) {
    sides.forEach(([left], index) => {
      if (isKnown(left, sides[(index + turn) % places]?.[1] ?? '')) chance += 1 / (turns * places);
    });
  }
  const excess = known - chance;
  return { places, excess, bound: excess - 2 * Math.sqrt(Math.max(known * (1 - known), 0.05) / places) };
}

/** The words on both sides of each gap that the items leave. */
function gapsOf(cell: string, place: number, items: ReadonlySet<number>): [string, string][] {
  const words = wordsOf(cell);
  const removed = removedWords(cell, words, place, items);
  const gaps: [string, string][] = [];
  let left: string | undefined;
  let isGap = false;
  words.forEach((word, index) => {
    if (removed[index]) isGap = true;
    else {
      if (isGap && left !== undefined) gaps.push([left, word]);
      [left, isGap] = [word, false];
    }
  });
  return gaps;
}
