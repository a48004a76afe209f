import type { Table, Vector } from 'apache-arrow';
import { readStrings, wordsOf } from '../../encode/index.js';
import { hash52, MAX_CELL_CHARACTERS, seedOf } from './grams.js';

/** The commonest words of a text column, which make up how sentences are built rather than what they say. Plain data. */
export interface CommonWords {
  readonly column: string;
  readonly words: readonly string[];
}

/** Words outside of so many of the commonest ones say what a text is about. */
const MOST_COMMON = 400;
const LONGEST_BEGINNING = 4;
/** Of the first comma: after so many words at most. */
const COMMA_PLACES = [4, 8, 12];

/** The words that most texts have, by column. */
export function commonWords(table: Table, names: readonly string[]): CommonWords[] {
  return names.map((column) => {
    const counts = new Map<string, number>();
    for (const cell of readStrings(table.getChild(column) as Vector))
      for (const word of new Set(wordsIn(cell ?? ''))) counts.set(word, (counts.get(word) ?? 0) + 1);
    const ordered = [...counts].sort(([a, own], [b, other]) => other - own || (a < b ? -1 : 1));
    return { column, words: ordered.slice(0, MOST_COMMON).map(([word]) => word) };
  });
}

/** Adds how texts begin to what their rows carry. */
export function addTemplates(rows: readonly Set<number>[], table: Table, common: readonly CommonWords[]): void {
  readTemplates(table, common, (row, id) => rows[row]?.add(id));
}

/** Calls `visit` with each template of each row. */
export function readTemplates(
  table: Table,
  common: readonly CommonWords[],
  visit: (row: number, id: number, text: string) => void,
): void {
  common.forEach(({ column, words }, place) => {
    const known = new Set(words);
    readStrings(table.getChild(column) as Vector).forEach((cell, row) => {
      visitTemplates(cell ?? '', known, place, (id, text) => visit(row, id, text));
    });
  });
}

/** Calls `visit` with each way in which a cell begins, and how it goes on to its first comma; `text` spells it. */
function visitTemplates(
  cell: string,
  common: ReadonlySet<string>,
  place: number,
  visit: (id: number, text: string) => void,
): void {
  const words = wordsIn(cell);
  const say = (text: string) => visit(hash52(text, seedOf(place) + 4), text);
  const beginning = beginningOf(words, common);
  for (let length = 1; length <= beginning.length; length++) say(beginning.slice(0, length).join(' '));
  const comma = words.indexOf(',');
  if (comma < 0) return;
  for (const most of COMMA_PLACES.filter((one) => comma <= one).slice(0, 1)) say(`, within ${most} words`);
  for (const length of [1, 2].filter((one) => one <= beginning.length))
    say(`${beginning.slice(0, length).join(' ')} … ,`);
}

/** Its first common words, each run of other words between them as one star. */
function beginningOf(words: readonly string[], common: ReadonlySet<string>): string[] {
  const beginning: string[] = [];
  for (const word of words) {
    const shown = common.has(word) ? word : '*';
    if (shown === '*' && beginning.at(-1) === '*') continue;
    if (beginning.length === LONGEST_BEGINNING) break;
    beginning.push(shown);
  }
  return beginning;
}

function wordsIn(cell: string): readonly string[] {
  return wordsOf(cell.slice(0, MAX_CELL_CHARACTERS));
}
