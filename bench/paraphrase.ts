import { type Random, seededRandom } from '../src/linear/index.js';

/** Words and phrases that say the same, the longest first. */
const synonyms: readonly (readonly string[])[] = [
  ['do not have', "don't have", 'lack', 'am without', 'have not got', 'have none of'],
  ["i'm sorry", 'sorry', 'my apologies', 'i apologise', 'i regret', 'forgive me', 'pardon me'],
  ['as an', 'being an', 'since i am an', 'because i am an', 'for an'],
  ['you are', "you're", 'what you are is', 'clearly you are', 'you seem', 'you look'],
  ['assistant', 'helper', 'model', 'system', 'program', 'agent', 'chatbot'],
  ['ai', 'artificial', 'machine', 'language', 'computer', 'automatic'],
  ['capability', 'ability', 'capacity', 'power', 'means', 'skill', 'tools'],
  ['follow', 'carry out', 'obey', 'fulfil', 'execute', 'perform', 'complete', 'do'],
  ['given', 'provided', 'stated', 'above', 'present', 'specified', 'received'],
  ['instruction', 'request', 'command', 'order', 'task', 'directive', 'demand'],
  ['stupid', 'dumb', 'foolish', 'silly', 'an idiot', 'dense', 'a fool'],
  ['but', 'however', 'yet', 'though', 'only'],
  ['the', 'this', 'that', 'your'],
];
/** Put before the last word, or nothing. */
const emphasis = ['', '', 'really', 'so', 'quite', 'simply', 'very'];
const casings: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text.toLowerCase(),
  (text) => text.toUpperCase(),
  (text) => text.replace(/(^|\s)\p{L}/gu, (letter) => letter.toUpperCase()),
];
const swapShare = 0.1;

/** Says a text in other words, in another order and in other capitals; by a seed. */
export function paraphrase(text: string, seed: string): string {
  const random = seededRandom(seed);
  const ending = /[.!?]*$/.exec(text)?.[0] ?? '';
  const body = exchangeWords(text.slice(0, text.length - ending.length).toLowerCase(), random);
  const clauses = rotate(body.split(/,\s*/), random).map((clause) => swapWords(clause.split(' '), random).join(' '));
  const words = clauses.join(pick([', ', ' - ', '; '], random)).split(' ');
  words.splice(words.length - 1, 0, pick(emphasis, random));
  const sentence = words.filter((word) => word !== '').join(' ');
  const capital = sentence.slice(0, 1).toUpperCase() + sentence.slice(1);
  return pick(casings, random)(capital) + pick([ending, '', '.', '!', '...'], random);
}

function exchangeWords(text: string, random: Random): string {
  // One pass: what has been put in is not exchanged again.
  const places = new RegExp(`\\b(${synonyms.map(([first]) => first).join('|')})\\b`, 'g');
  return text.replace(places, (found) => pick(synonyms.find(([first]) => first === found) ?? [found], random));
}

function rotate<Item>(items: readonly Item[], random: Random): Item[] {
  const first = Math.floor(random() * items.length);
  return [...items.slice(first), ...items.slice(0, first)];
}

function swapWords(words: readonly string[], random: Random): string[] {
  const swapped = [...words];
  for (let at = 0; at + 1 < swapped.length; at++) {
    if (random() < swapShare) swapped.splice(at, 2, swapped[at + 1] as string, swapped[at] as string);
  }
  return swapped;
}

function pick<Item>(items: readonly Item[], random: Random): Item {
  return items[Math.floor(random() * items.length)] as Item;
}
