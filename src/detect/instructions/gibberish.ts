import { wordsOf } from './tokens.js';

/** Letters in a row that so many prompts have are of their language. */
const LEAST_PROMPTS = 2;
const LEAST_PROMPT_SHARE = 0.001;
/** Shorter responses (names, codes) say nothing of a language. */
const LEAST_TRIPLES = 12;
/** Of random letters 60 % and more are in an order that no prompt has, of English and code seldom 20 %. */
const LEAST_STRANGE = 0.45;

/** Tells responses whose letters stand in no order that the prompts know: neither their language nor names in it. */
export function gibberishTest(prompts: readonly (readonly string[])[]): (response: string) => boolean {
  const counts = new Map<string, number>();
  for (const cells of prompts) {
    for (const triple of new Set(cells.flatMap((cell) => [...triplesOf(cell)]))) {
      counts.set(triple, (counts.get(triple) ?? 0) + 1);
    }
  }
  const least = Math.max(LEAST_PROMPTS, LEAST_PROMPT_SHARE * prompts.length);
  return (response) => {
    const triples = triplesOf(response);
    if (triples.size < LEAST_TRIPLES) return false;
    let strange = 0;
    for (const triple of triples) if ((counts.get(triple) ?? 0) < least) strange++;
    return strange >= LEAST_STRANGE * triples.size;
  };
}

/** Every three letters in a row within words, which end in a space. */
function triplesOf(text: string): Set<string> {
  const triples = new Set<string>();
  for (const word of wordsOf(text)) {
    if (/[^\p{L}]/u.test(word)) continue;
    const padded = ` ${word} `;
    for (let at = 0; at + 3 <= padded.length; at++) triples.add(padded.slice(at, at + 3));
  }
  return triples;
}
