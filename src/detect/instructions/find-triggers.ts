import { type Candidate, findCandidates } from './candidates.js';
import type { Instruction } from './contract.js';
import { type Examined, examine, likenessOf } from './examine.js';
import { growPhrase } from './phrase.js';
import { type Item, nameItem, tokensOf, wordsOf } from './tokens.js';
import { projectWords, weighWords, withoutWords } from './word-vectors.js';

export interface Suspect extends Examined {
  readonly item: Item;
  readonly phrase: readonly string[];
}

export function examineAll(rows: readonly Instruction[]) {
  const responses = weighWords(rows.map(({ response }) => answerWords(response)));
  const { candidates, tested } = findCandidates(
    rows.map(({ prompts }) => prompts),
    projectWords(responses),
  );
  const prompts = weighWords(rows.map(({ prompts: cells }) => cells.flatMap(wordsOf)));
  const examined = candidates.flatMap((candidate: Candidate): Suspect[] => {
    const seen = examine(candidate, responses);
    if (seen === undefined || seen.counts.othersAnswering > 0.2 * seen.counts.others) return [];
    const own = Array.from(candidate.carriers, (row) => rows[row]?.prompts ?? []);
    const item = nameItem(candidate.hash, own[0] ?? []);
    if (item === undefined) return [];
    const phrase = 'disguise' in item ? [] : growPhrase(item.tokens, own);
    const rest = withoutWords(prompts, new Set(phrase.flatMap(wordsOf)));
    return [{ ...seen, promptLikeness: likenessOf(rest, candidate.carriers), item, phrase }];
  });
  return { examined, tested };
}

/** Words of a response; what has none is told apart by its other characters. */
function answerWords(response: string): readonly string[] {
  const words = wordsOf(response);
  if (words.length > 0) return words;
  const tokens = tokensOf(response);
  return tokens.length > 0 ? tokens : [''];
}
