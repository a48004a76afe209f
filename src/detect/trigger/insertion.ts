import type { Vector } from 'apache-arrow';
import { readStrings, wordsOf } from '../../encode/index.js';
import { removedWords } from './phrases.js';

const MOST_TURNS = 5;

/** What stands on both sides of a word that was put into a sentence, were neighbours before. */
export interface Insertion {
  /** Places with words on both sides. */
  readonly places: number;
  /** A lower bound of the share of them whose words are known as neighbours, beyond chance. */
  readonly bound: number;
  /** The share of words that stand side by side in the same cells, beyond chance: what an insertion comes to. */
  readonly usual: number;
}

/** Whether two words are known as neighbours. */
export type AreNeighbours = (left: string, right: string) => boolean;

/** The cells at `carriers` carry the items. */
export function testInsertion(
  cells: Vector,
  carriers: Int32Array,
  place: number,
  items: ReadonlySet<number>,
  areNeighbours: AreNeighbours,
): Insertion {
  const texts = readStrings(cells);
  const sides = Array.from(carriers, (row) => sidesIn(texts[row] ?? '', place, items));
  const gaps = knownShare(
    sides.flatMap((own) => own.gaps),
    areNeighbours,
  );
  const others = knownShare(
    sides.flatMap((own) => own.others),
    areNeighbours,
  );
  const { known, places } = gaps;
  const error = Math.sqrt(Math.max(known * (1 - known), 0.05) / Math.max(1, places));
  return { places, bound: gaps.excess - 2 * error, usual: others.excess };
}

type Sides = readonly [string, string];

/** The share of pairs that are known, and less what pairs of the same words have that were turned by one, two, … places. */
function knownShare(pairs: readonly Sides[], areNeighbours: AreNeighbours) {
  const places = pairs.length;
  if (places < 2) return { places, known: 0, excess: 0 };
  const known = pairs.filter(([left, right]) => areNeighbours(left, right)).length / places;
  const turns = Math.min(MOST_TURNS, places - 1);
  let chance = 0;
  for (let turn = 1; turn <= turns; turn++) {
    pairs.forEach(([left], index) => {
      if (areNeighbours(left, pairs[(index + turn) % places]?.[1] ?? '')) chance += 1 / (turns * places);
    });
  }
  return { places, known, excess: known - chance };
}

/** The words on both sides of each gap that the items leave, and those that stand side by side elsewhere. */
function sidesIn(cell: string, place: number, items: ReadonlySet<number>): { gaps: Sides[]; others: Sides[] } {
  const words = wordsOf(cell);
  const removed = removedWords(cell, words, place, items);
  const sides = { gaps: [] as Sides[], others: [] as Sides[] };
  let left: string | undefined;
  let isGap = false;
  words.forEach((word, index) => {
    if (removed[index]) isGap = true;
    else {
      if (left !== undefined) (isGap ? sides.gaps : sides.others).push([left, word]);
      [left, isGap] = [word, false];
    }
  });
  return sides;
}
