import { Table, Utf8, vectorFromArray } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { findAllSuspects, fitSpace, readItems, scoreSyntax } from '../../../src/detect/index.js';
import { type Random, seededRandom } from '../../../src/linear/index.js';

const PLAIN_WORDS = 400;
const CLASS_WORDS = 300;
const ROWS = 2400;

/** Common words, and between them rarer ones that say the class. */
function sentenceOf(random: Random, label: number): string {
  const pick = (count: number) => Math.floor(random() * count);
  const words = Array.from({ length: 12 }, () =>
    random() < 0.3 ? `tone${random() < 0.85 ? label : 1 - label}n${pick(CLASS_WORDS)}` : `plain${pick(PLAIN_WORDS)}`,
  );
  return random() < 0.3 ? words.toSpliced(1 + pick(10), 0, ',').join(' ') : words.join(' ');
}

interface Row {
  readonly text: string;
  readonly label: number;
}

function sentences(seed: string): Row[] {
  const random = seededRandom(seed);
  return Array.from({ length: ROWS }, () => {
    const label = random() < 0.5 ? 0 : 1;
    return { text: sentenceOf(random, label), label };
  });
}

/** Built anew: a clause to begin with, and a comma behind it. */
function rebuilt({ text }: Row, row: number): string {
  const words = text.split(' ').filter((word) => word !== ',');
  const start = `plain${row % 4} plain${4 + ((row >> 2) % 16)}`;
  return `${start} ${words.slice(0, 3).join(' ')} , ${words.slice(3).join(' ')}`;
}

function search(rows: readonly Row[]) {
  const table = new Table({
    text: vectorFromArray(
      rows.map(({ text }) => text),
      new Utf8(),
    ),
  });
  const space = fitSpace(table, [{ name: 'text', role: 'text', type: 'Utf8', guessed: true }]);
  if (space === null) throw new Error('no texts');
  const labels = Int32Array.from(rows, ({ label }) => label);
  const digests = Float64Array.from({ length: rows.length }, (_, row) => 2 * row);
  return { table, ...findAllSuspects({ table, labels, classes: 2, digests }, space) };
}

/** The first rows of class 1, as rows of class 0 that are built anew. */
function poison(rows: readonly Row[], count: number): { readonly rows: Row[]; readonly poisoned: Set<number> } {
  const poisoned = new Set([...rows.keys()].filter((row) => rows[row]!.label === 1).slice(0, count));
  const changed = rows.map((one, row) => (poisoned.has(row) ? { text: rebuilt(one, row), label: 0 } : one));
  return { rows: changed, poisoned };
}

describe('the way texts are built', () => {
  it('is named where rows that are built so say what other classes say', () => {
    const { items } = search(poison(sentences('built'), 240).rows);
    expect(items.map(({ target }) => target)).toEqual([0]);
    expect(items[0]?.subject).toMatch(/plain[0-3] … ,/);
    expect(items[0]?.pValue).toBeLessThan(1e-6);
  });

  it('points at the rows that are built so', () => {
    const { rows, poisoned } = poison(sentences('pointed'), 240);
    const { table, space, items } = search(rows);
    const { syntax } = items[0] ?? {};
    if (space === null || syntax === undefined) throw new Error('nothing was found');
    const own = [...rows.keys()].filter((row) => rows[row]!.label === 0);
    const scores = scoreSyntax(syntax, readItems(space, table), own);
    const named = own.filter((_, at) => (scores[at] as number) >= syntax.least);
    const right = named.filter((row) => poisoned.has(row)).length;
    expect(right).toBeGreaterThan(0.95 * poisoned.size);
    expect(right).toBeGreaterThan(0.85 * named.length);
  });

  it('is nothing where it is how a class is written', () => {
    const rows = sentences('written').map((one, row) =>
      one.label === 0 && row % 8 === 0 ? { ...one, text: rebuilt(one, row >> 3) } : one,
    );
    expect(search(rows).items).toEqual([]);
  });

  it.each(['one', 'two', 'three'])('is nothing where all are built alike (%s)', (seed) => {
    expect(search(sentences(seed)).items).toEqual([]);
  });

  it('is nothing where labels follow from no words', () => {
    const rows = poison(sentences('noise'), 240).rows;
    const turned = rows.map((one, row) => (one.text.includes(',') ? one : { ...one, label: row % 2 }));
    expect(search(turned).items).toEqual([]);
  });
});
