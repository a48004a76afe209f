import { hashText } from '../../encode/index.js';
import { mixedScript } from '../mixed-script.js';

/** Cells are cut here: a trigger that is further back hardly reaches a model's context. */
const MOST_CHARACTERS = 20_000;
/** Words, and every other character by itself but plain white space: what nobody sees stands alone. */
const TOKEN = /[\p{L}\p{N}_]+|[^\p{L}\p{N}_ \t\r\n]/gu;
const WORD = /[\p{L}\p{N}_]+/gu;

/** Longest run of tokens that is looked for; longer phrases are found by their parts. */
const MOST_TOKENS = 3;

export function tokensOf(text: string): readonly string[] {
  return text.slice(0, MOST_CHARACTERS).match(TOKEN) ?? [];
}

export function wordsOf(text: string): readonly string[] {
  return text.slice(0, MOST_CHARACTERS).toLowerCase().match(WORD) ?? [];
}

/** Letters that look like Latin ones, and those. */
const LOOKALIKES = new Map(
  [...'асԁеһіјӏорԛѕԝхуАВЕЅІЈКМНОРСТХУονΑΒΕΖΗΙΚΜΝΟΡΤΥΧ'].map((letter, at) => [
    letter,
    'acdehijlopqswxyABESIJKMHOPCTXYovABEZHIKMNOPTYX'[at] as string,
  ]),
);
const UNSEEN = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** Words as a reader sees them: nothing hidden, no letters of other scripts within Latin words. */
export function plainWordsOf(text: string): readonly string[] {
  const seen = text.slice(0, MOST_CHARACTERS).replace(UNSEEN, '');
  const words = seen.match(WORD) ?? [];
  return words.map((word) => {
    const plain =
      disguiseOf(word) === undefined ? word : word.replace(/./gu, (letter) => LOOKALIKES.get(letter) ?? letter);
    return plain.toLowerCase();
  });
}

/** Control, format and private characters, those that fonts leave out, and spaces that look like others. */
const HIDDEN = /^[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}\p{Default_Ignorable_Code_Point}]$/u;
const CODE_POINTS_IN_BLOCK = 256;

function isHidden(token: string): boolean {
  return HIDDEN.test(token);
}

/** Writing that hides within words: what `token` is an example of beside itself; undefined for usual ones. */
function disguiseOf(token: string): string | undefined {
  if (isHidden(token)) {
    const first = (token.codePointAt(0) ?? 0) & -CODE_POINTS_IN_BLOCK;
    const last = first + CODE_POINTS_IN_BLOCK - 1;
    return `hidden characters between U+${inHex(first)} and U+${inHex(last)}`;
  }
  const script = mixedScript(token);
  return script && `Latin and ${script} letters in one word`;
}

function inHex(codePoint: number): string {
  return codePoint.toString(16).toUpperCase().padStart(4, '0');
}

const CASE = 0x51ab;
const DISGUISE = 0xd15c;
const NEXT = 0x01000193;

/** The hashes of all items of a row's prompts, each once: runs of tokens, unusual case, disguises. */
export function itemsOf(prompts: readonly string[]): Uint32Array {
  const items = new Set<number>();
  for (const prompt of prompts) addItems(items, tokensOf(prompt));
  return Uint32Array.from(items);
}

function addItems(items: Set<number>, tokens: readonly string[]): void {
  const hashes = tokens.map((token) => hashText(token.toLowerCase(), 0));
  tokens.forEach((token, at) => {
    let hash = 0;
    for (let length = 1; length <= MOST_TOKENS && at + length <= tokens.length; length++) {
      hash = joinHash(hash, hashes[at + length - 1] as number);
      items.add(hash);
    }
    if (isOddlyCased(token)) items.add(hashText(token, CASE));
    const disguise = disguiseOf(token);
    if (disguise !== undefined) items.add(hashText(disguise, DISGUISE));
  });
}

/** What an item's hash stands for, as one of its carriers writes it. */
export type Item = { readonly tokens: readonly string[]; readonly isCased: boolean } | { readonly disguise: string };

/** Finds in a carrier's prompts what a hash stands for. */
export function nameItem(hash: number, prompts: readonly string[]): Item | undefined {
  for (const prompt of prompts) {
    const tokens = tokensOf(prompt);
    for (const [at, token] of tokens.entries()) {
      const run = runWithHash(hash, tokens, at);
      if (run !== undefined) return { tokens: run, isCased: false };
      if (isOddlyCased(token) && hashText(token, CASE) === hash) return { tokens: [token], isCased: true };
      const disguise = disguiseOf(token);
      if (disguise !== undefined && hashText(disguise, DISGUISE) === hash) return { disguise };
    }
  }
  return undefined;
}

function runWithHash(hash: number, tokens: readonly string[], at: number): readonly string[] | undefined {
  let joined = 0;
  for (let length = 1; length <= MOST_TOKENS && at + length <= tokens.length; length++) {
    joined = joinHash(joined, hashText((tokens[at + length - 1] as string).toLowerCase(), 0));
    if (joined === hash) return tokens.slice(at, at + length);
  }
  return undefined;
}

/** Capitals beyond the first letter. */
function isOddlyCased(token: string): boolean {
  return /.\p{Lu}/u.test(token);
}

function joinHash(hash: number, next: number): number {
  const mixed = Math.imul(hash ^ next, NEXT) + (hash << 7);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
