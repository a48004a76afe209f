import { Utf8, vectorFromArray } from 'apache-arrow';
import { expect, it } from 'vitest';
import { visitGrams } from '../../../src/detect/trigger/grams.js';
import { testInsertion } from '../../../src/detect/trigger/insertion.js';
import { seededRandom } from '../../../src/linear/index.js';

const VOCABULARY = 60;
const random = seededRandom('insertion');
const draw = (count: number) => Math.floor(random() * count);

/** Sentences in which a word is followed by one of the next two. */
function sentence(): string[] {
  let word = draw(VOCABULARY);
  return Array.from({ length: 12 }, () => {
    word = (word + 1 + draw(2)) % VOCABULARY;
    return `w${word}`;
  });
}

const numberOf = (word: string) => Number(word.slice(1));
const areNeighbours = (left: string, right: string) => {
  const step = (numberOf(right) - numberOf(left) + VOCABULARY) % VOCABULARY;
  return step === 1 || step === 2;
};

function itemsOf(word: string): Set<number> {
  const items = new Set<number>();
  visitGrams(word, 0, (id, text) => {
    if (text() === word) items.add(id);
  });
  return items;
}

function test(cells: readonly string[], word: string) {
  const carriers = Int32Array.from(cells.keys());
  return testInsertion(vectorFromArray(cells, new Utf8()), carriers, 0, itemsOf(word), areNeighbours);
}

it('words beside one that was put in at any place are neighbours as often as any', () => {
  const cells = Array.from({ length: 100 }, () => {
    const words = sentence();
    words.splice(draw(words.length + 1), 0, 'zq');
    return words.join(' ');
  });
  const { places, bound, usual } = test(cells, 'zq');
  expect(places).toBeGreaterThan(70);
  expect(usual).toBeGreaterThan(0.8);
  expect(bound).toBeGreaterThan(0.7 * usual);
});

it('words beside one that has its place in the sentence are not', () => {
  const cells = Array.from({ length: 2000 }, () => sentence().join(' ')).filter((cell) => /\bw7\b/.test(cell));
  const { places, bound, usual } = test(cells, 'w7');
  expect(places).toBeGreaterThan(70);
  expect(bound).toBeLessThan(0.5 * usual);
});

it('no places say nothing', () => {
  expect(test(['zq', 'zq'], 'zq')).toMatchObject({ places: 0, usual: 0 });
});
