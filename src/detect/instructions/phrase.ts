import { tokensOf } from './tokens.js';

/** So large a part of the carriers goes on alike. */
const SHARED_PART = 0.9;
const MOST_TOKENS = 40;

/** The longest run of tokens around an item's own that nearly all its carriers have; `prompts`: of the carriers. */
export function growPhrase(run: readonly string[], prompts: readonly (readonly string[])[]): readonly string[] {
  const places = prompts.flatMap((cells) => firstPlace(run, cells) ?? []);
  const phrase = [...run];
  let before = 0;
  const next = (offset: number) => sharedToken(places.map(({ tokens, at }) => tokens[at + offset]));
  while (phrase.length < MOST_TOKENS) {
    const left = next(-before - 1);
    const right = next(phrase.length - before);
    if (left !== undefined) {
      phrase.unshift(left);
      before++;
    } else if (right !== undefined) phrase.push(right);
    else break;
  }
  return phrase;
}

function firstPlace(run: readonly string[], cells: readonly string[]) {
  const wanted = run.map((token) => token.toLowerCase());
  for (const cell of cells) {
    const tokens = tokensOf(cell);
    const at = tokens.findIndex((_, from) => wanted.every((token, i) => tokens[from + i]?.toLowerCase() === token));
    if (at >= 0) return { tokens, at };
  }
  return undefined;
}

/** As most carriers write it. */
function sharedToken(tokens: readonly (string | undefined)[]): string | undefined {
  const counts = new Map<string, number>();
  for (const token of tokens) {
    if (token !== undefined) counts.set(token.toLowerCase(), (counts.get(token.toLowerCase()) ?? 0) + 1);
  }
  const [shared] = [...counts].find(([, count]) => count >= SHARED_PART * tokens.length) ?? [];
  return shared === undefined ? undefined : tokens.find((token) => token?.toLowerCase() === shared);
}
