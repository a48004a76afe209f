import { type CharacterRows, scramble } from '../encode/index.js';

/** How often characters come alone, in pairs and in threes. Plain data. */
export interface CharacterModel {
  /** By hash: n-grams may share a slot. */
  readonly counts: Uint32Array;
  /** Characters in all. */
  readonly total: number;
  /** By column: the mean log ratio of a character. */
  readonly means: Float64Array;
}

/** English has some 12,000 n-grams in 2,400 news items: of strange ones, one in ten seems known. */
export const CHARACTER_SLOTS = 2 ** 17;
/** How many characters each prior counts as; with 2 or 10 gibberish is told as well. */
const PRIOR_CHARACTERS = 4;
/** Noise has half of its characters as often as texts do, and half from so many alike. */
const NOISE_ALPHABET = 64;
/** A single character that no other text has must not make a text odd. */
const MOST_LOG_RATIO = 8;
/**
 * Subjects make texts differ by as much as chance makes texts of so many characters: or else the longest would seem the
 * oddest (15 to 52 in SMS, bank customers' questions, and messages of a compiler in Russian, Japanese and Chinese).
 */
const CHARACTERS_OF_SUBJECT = 50;
/** As if each text had so many more characters, usual ones: or else a short one would be odd for one abbreviation. */
const USUAL_CHARACTERS = 20;

/** Slots of a cell's characters, three each: alone, with the one before, with the two before. */
type CellSlots = Int32Array;

interface CellScore {
  /** Of log ratios. */
  readonly sum: number;
  readonly characters: number;
}

/**
 * A trigram model with a Dirichlet prior about the next lower order (MacKay and Peto 1995). `firsts`: group of copies → its
 * first row, which alone is counted. The raw scores are of all rows, each without itself and its copies.
 */
export function fitCharacters(
  rows: CharacterRows,
  groupOf: Int32Array,
  firsts: Int32Array,
): { readonly model: CharacterModel; readonly raw: Float64Array } {
  const texts = countCharacters(new Uint32Array(CHARACTER_SLOTS), 0);
  for (const row of firsts) slotsOf(rows, row).forEach(texts.add);
  const total = texts.total();
  const scores = Array.from(firsts, (row) => {
    const cells = slotsOf(rows, row);
    cells.forEach(texts.remove);
    return cells.map(texts.weighAndAdd);
  });
  const means = Float64Array.from({ length: rows.columns }, (_, column) => meanOf(scores, column));
  const raw = scores.map((cells) => worstOf(cells, means));
  return { model: { counts: texts.counts, total, means }, raw: Float64Array.from(groupOf, (g) => raw[g] as number) };
}

/** Higher: more of a row's characters, in its worst cell, are in an order that the texts do not have. */
export function scoreCharacters({ counts, total, means }: CharacterModel, rows: CharacterRows): Float64Array {
  const texts = countCharacters(counts.slice(), total);
  return Float64Array.from({ length: rows.rows }, (_, row) => {
    const cells = slotsOf(rows, row);
    const scores = cells.map(texts.weighAndAdd);
    cells.forEach(texts.remove);
    return worstOf(scores, means);
  });
}

function meanOf(scores: readonly (readonly CellScore[])[], column: number): number {
  const sum = (of: (score: CellScore) => number) =>
    scores.reduce((all, cells) => all + of(cells[column] as CellScore), 0);
  return sum((cell) => cell.sum) / (sum((cell) => cell.characters) || 1);
}

/** By how many standard deviations the worst cell is above its column's mean, up to a factor; 0 where all are empty. */
function worstOf(cells: readonly CellScore[], means: Float64Array): number {
  let worst = -Infinity;
  cells.forEach(({ sum, characters }, column) => {
    if (characters === 0) return;
    const spread = Math.sqrt(USUAL_CHARACTERS + characters + characters ** 2 / CHARACTERS_OF_SUBJECT);
    worst = Math.max(worst, (sum - characters * (means[column] as number)) / spread);
  });
  return worst === -Infinity ? 0 : worst;
}

/** Counts that change: a text is added and removed again. */
function countCharacters(counts: Uint32Array, characters: number) {
  let total = characters;
  const bump = (slots: CellSlots, step: number) => {
    for (const slot of slots) counts[slot] = (counts[slot] as number) + step;
    total += (step * slots.length) / 3;
  };
  return {
    counts,
    total: () => total,
    add: (slots: CellSlots) => bump(slots, 1),
    remove: (slots: CellSlots) => bump(slots, -1),
    /**
     * The log ratio of noise against the texts, character by character. Each is added before the next one is weighed
     * (prequentially, Dawid 1984): laughter and lines of dashes are a surprise once.
     */
    weighAndAdd: (slots: CellSlots): CellScore => {
      let sum = 0;
      for (let at = 0; at < slots.length; at += 3) {
        if (at >= 6) sum += Math.min(MOST_LOG_RATIO, logRatio(counts, total, slots, at));
        bump(slots.subarray(at, at + 3), 1);
      }
      return { sum, characters: Math.max(0, slots.length / 3 - 2) };
    },
  };
}

/** The two characters before the one at `at` have been counted, but with nothing after them. */
function logRatio(counts: Uint32Array, total: number, slots: CellSlots, at: number): number {
  const of = (place: number) => counts[slots[place] as number] as number;
  const alone = (of(at) + PRIOR_CHARACTERS / NOISE_ALPHABET) / (total + PRIOR_CHARACTERS);
  const afterOne = (of(at + 1) + PRIOR_CHARACTERS * alone) / (of(at - 3) - 1 + PRIOR_CHARACTERS);
  const afterTwo = (of(at + 2) + PRIOR_CHARACTERS * afterOne) / (of(at - 2) - 1 + PRIOR_CHARACTERS);
  return Math.log((alone / 2 + 0.5 / NOISE_ALPHABET) / afterTwo);
}

/** Of each cell of a row. */
function slotsOf({ columns, starts, units }: CharacterRows, row: number): CellSlots[] {
  return Array.from({ length: columns }, (_, column) => {
    const cell = row * columns + column;
    return cellSlots(units.subarray(starts[cell], starts[cell + 1]));
  });
}

function cellSlots(units: Uint16Array): CellSlots {
  const slots = new Int32Array(3 * units.length);
  let before = 0;
  let first = 0;
  units.forEach((unit, index) => {
    // None is 0.
    const own = Math.imul(unit + 1, 0x9e3779b1);
    const pair = own ^ Math.imul(before, 0x85ebca77);
    slots[3 * index] = scramble(own) % CHARACTER_SLOTS;
    slots[3 * index + 1] = scramble(pair) % CHARACTER_SLOTS;
    slots[3 * index + 2] = scramble(pair ^ Math.imul(first, 0xc2b2ae3d)) % CHARACTER_SLOTS;
    first = before;
    before = unit + 1;
  });
  return slots;
}
