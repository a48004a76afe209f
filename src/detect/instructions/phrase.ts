import { commonest, countEach } from '../histogram.js';
import { tokensOf } from './tokens.js';

/** So large a part of the carriers goes on alike. */
const SHARED_PART = 0.9;
const MOST_TOKENS = 40;

/** The longest text around an item's own tokens that nearly all its carriers have; `prompts`: of the carriers. */
export function growPhrase(run: readonly string[], prompts: readonly (readonly string[])[]): string {
  const places = prompts.flatMap((cells) => firstPlace(run, cells) ?? []);
  let [before, after] = [0, run.length];
  const isShared = (offset: number) => isCommon(places.map(({ tokens, at }) => tokens[at + offset]?.text));
  while (before + after < MOST_TOKENS) {
    if (isShared(-before - 1)) before++;
    else if (isShared(after)) after++;
    else break;
  }
  const written = places.flatMap(({ cell, tokens, at }) => slice(cell, tokens, at - before, at + after - 1) ?? []);
  return commonest(countEach(written)) ?? '';
}

/** A token as it is written, and where. */
interface PlacedToken {
  readonly text: string;
  readonly start: number;
}

interface Place {
  readonly cell: string;
  readonly tokens: readonly PlacedToken[];
  readonly at: number;
}

function firstPlace(run: readonly string[], cells: readonly string[]): Place | undefined {
  const wanted = run.map((token) => token.toLowerCase());
  for (const cell of cells) {
    const tokens = placedTokensOf(cell);
    const at = tokens.findIndex((_, from) =>
      wanted.every((token, i) => tokens[from + i]?.text.toLowerCase() === token),
    );
    if (at >= 0) return { cell, tokens, at };
  }
  return undefined;
}

function placedTokensOf(cell: string): PlacedToken[] {
  let end = 0;
  return tokensOf(cell).map((text) => {
    const start = cell.indexOf(text, end);
    end = start + text.length;
    return { text, start };
  });
}

function isCommon(tokens: readonly (string | undefined)[]): boolean {
  const counts = countEach(tokens.flatMap((token) => token?.toLowerCase() ?? []));
  return tokens.length > 0 && Math.max(0, ...counts.values()) >= SHARED_PART * tokens.length;
}

/** Undefined where the cell ends before. */
function slice(cell: string, tokens: readonly PlacedToken[], first: number, last: number): string | undefined {
  const [from, to] = [tokens[first], tokens[last]];
  return from === undefined || to === undefined ? undefined : cell.slice(from.start, to.start + to.text.length);
}
