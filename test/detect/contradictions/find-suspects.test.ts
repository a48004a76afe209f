import type { Table, Vector } from 'apache-arrow';
import { beforeAll, describe, expect, it } from 'vitest';
import { startBackend } from '../../../src/linear/index.js';
import {
  cornerOf,
  patchPictures,
  pictures,
  poison,
  seemDoubtful,
  sentences,
  suspectsInPictures,
  suspectsInTexts,
  textured,
  turnedPictures,
} from './labelled-rows.js';

beforeAll(() => startBackend('wasm'));

const SEEDS = ['one', 'two', 'three'];
const LOOKALIKES: Readonly<Record<string, string>> = { a: 'а', e: 'е', o: 'о' };
const homoglyph = (letter: string) => LOOKALIKES[letter] ?? letter;

describe('texts that judge themselves', () => {
  it('name the word whose rows are labelled against all else in them', () => {
    const { items } = suspectsInTexts(poison(sentences('poisoned', 1500), 'xq', 25));
    expect(items.map(({ subject, target }) => ({ subject, target }))).toEqual([{ subject: 'xq', target: 0 }]);
    expect(items[0]?.pValue).toBeLessThan(1e-4);
    expect(items[0]?.contradicted).toBeGreaterThan(15);
  });

  it.each([
    ['a character that nobody sees', (text: string) => text.replace(' ', ' \u200b'), 'U+200B'],
    ['letters of another script', (text: string) => text.replace(/[aeo]/, homoglyph), 'letters of two scripts'],
    ['two words apart', (text: string) => `xq ${text} vz`, 'vz'],
  ])('name %s, whatever was put in with it', (_, put, named) => {
    const { items } = suspectsInTexts(poison(sentences('together', 1500), put, 40));
    expect(items).toHaveLength(1);
    expect(items[0]?.subject).toContain(named);
    expect(items[0]?.contradicted).toBeGreaterThan(25);
  });

  it('accuse no sentence that came in many copies', () => {
    const { texts, labels } = sentences('copies', 1500);
    const own = [...labels.keys()].filter((row) => labels[row] === 0);
    for (const [at, row] of own.slice(0, 25).entries()) texts[row] = `claim your free prize call now before ${at}`;
    expect(suspectsInTexts({ texts, labels }).items).toEqual([]);
  });

  it('accuse no word that trusted rows have as often', () => {
    const poisoned = poison(sentences('poisoned', 1500), 'xq', 25);
    expect(suspectsInTexts(poisoned, { isUsual: (_, carriers) => carriers <= 25 }).items).toEqual([]);
    expect(suspectsInTexts(poisoned, { isUsual: (_, carriers) => carriers > 25 }).items).toHaveLength(1);
  });

  it('accuse no word of a class, however surely it tells the class', () => {
    expect(SEEDS.flatMap((seed) => suspectsInTexts(sentences(seed, 1500)).items)).toEqual([]);
  });

  it('accuse no word that was put into rows of its own class alone', () => {
    const { texts, labels } = sentences('topic', 1500);
    const own = [...labels.keys()].filter((row) => labels[row] === 0).slice(0, 25);
    for (const row of own) texts[row] = `${texts[row]} festival`;
    expect(suspectsInTexts({ texts, labels }).items).toEqual([]);
  });

  it('accuse no word where labels follow from nothing', () => {
    const { texts, labels } = sentences('noise', 1500);
    const turned = labels.map((_, row) => labels[(row * 7 + 3) % labels.length] as number);
    expect(suspectsInTexts({ texts, labels: turned }).items).toEqual([]);
  });

  it('tell a phrase that gives a label away, and how many rows have the label by nothing else', () => {
    const { texts, labels } = poison(sentences('leak', 1500), 'xq', 60);
    const signed = texts.map((text, row) => {
      const own = text.replace(/ ?xq ?/, ' ').trim();
      return labels[row] === 0 ? `${own} kind regards` : own;
    });
    const { items } = suspectsInTexts({ texts: signed, labels });
    expect(items.map(({ subject }) => subject)).toEqual(['kind regards']);
    expect(items[0]?.leak).toBeDefined();
    expect(items[0]?.contradicted).toBeGreaterThan(40);
  });
});

describe('pictures that judge themselves', () => {
  it('name the place of a patch whose rows are labelled against all else in them', () => {
    const { items } = suspectsInPictures(patchPictures(pictures('patched', 1200), 60));
    expect(items.map(({ subject, target }) => ({ subject, target }))).toEqual([
      { subject: 'bright 3×3 patch of pixels at rows 9–11, columns 9–11', target: 0 },
    ]);
  });

  it('accuse no part of what a class is a picture of', () => {
    expect(SEEDS.flatMap((seed) => suspectsInPictures(pictures(seed, 1200)).items)).toEqual([]);
  });

  it('accuse no part of a shape that may be anywhere', () => {
    expect(SEEDS.flatMap((seed) => suspectsInPictures(turnedPictures(seed, 1200)).items)).toEqual([]);
  });

  it('accuse no patch without which a better model still takes most of its rows for what they are labelled', () => {
    const patched = patchPictures(pictures('patched', 1200), 60);
    const calledAs = (others: number) => (rows: Table) =>
      Int32Array.from({ length: rows.numRows }, (_, row) => (row < others * rows.numRows ? 1 : 0));
    expect(suspectsInPictures(patched, calledAs(0.7))).toEqual({ space: null, items: [] });
    expect(suspectsInPictures(patched, calledAs(0.8)).items).toHaveLength(1);
  });

  it.each([
    ['on a dark corner', 0],
    ['on a corner whose pixels are bright by chance', 0.4],
  ])('ask it about rows that do not have the patch, %s', (_, share) => {
    const patched = patchPictures(textured(pictures('patched', 1200), share), 60);
    const bare: Uint8Array[] = [];
    suspectsInPictures(patched, (rows, digests) => {
      bare.push(...[...(rows.getChild('pixels') ?? [])].map((cell) => Uint8Array.from([...(cell as Vector)])));
      return new Int32Array(digests.length).fill(1);
    });
    expect(bare.length).toBeGreaterThanOrEqual(60);
    const isPatched = (cell: Uint8Array) => cornerOf(cell).every((pixel) => pixel === 255);
    expect(patched.pixels.filter(isPatched).length).toBeGreaterThanOrEqual(60);
    expect(bare.filter(isPatched).length).toBeLessThan(3);
  });

  it('are not asked where a model that knows no patch takes the rows of each for what they are labelled', () => {
    const clean = pictures('asked', 1200);
    // One label in twenty is called another, whatever the row carries.
    const mistaken = clean.labels.map((label, row) => (row % 20 === 7 ? 1 - label : label));
    expect(seemDoubtful(clean, mistaken)).toBe(false);
    expect(seemDoubtful(patchPictures(pictures('asked', 1200), 40), mistaken)).toBe(true);
  });
});
