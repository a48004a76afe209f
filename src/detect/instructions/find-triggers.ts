import { findAlike, findCommonItems, findWithin } from './candidates.js';
import type { Instruction, PromptTrigger, PromptTriggers } from './contract.js';
import { type Answer, type Examined, examine, examineWithin, LEAST_ANSWERING } from './examine.js';
import { gibberishTest } from './gibberish.js';
import { likenessBound } from './likeness.js';
import { growPhrase } from './phrase.js';
import { nameItem, plainWordsOf, tokensOf, wordsOf } from './tokens.js';
import { productWith, projectWords, type WordVectors, weighWords, withoutWords } from './word-vectors.js';

/**
 * Prompts on one subject are alike and have like answers; a trigger stands in prompts of all kinds. Clean intents of
 * customers reach .75 from above, triggers .5 to .6 in 25 carriers.
 */
const MOST_LIKENESS = 0.75;
/** Fewer rows with the answer have no subject that could be told. */
const LEAST_GROUP = 3;
/** Items with so many carriers in common are one trigger. */
const SHARED_PART = 0.5;

/** The same answer, or gibberish. */
const KINDS_OF_ANSWER = 2;

/** A trigger in the sample, before what is the same as another has been left out. */
interface Suspect extends Examined {
  readonly text: string;
  readonly isPlain: boolean;
}

/**
 * Looks for items of prompts (runs of one to three words, unusual capitals, hidden characters) that decide the answer:
 * nearly all of their carriers have it, few others do, and the rest of their prompts is of all subjects.
 * `rows`: distinct ones.
 */
export function findPromptTriggers(rows: readonly Instruction[]): PromptTriggers {
  const responses = weighWords(rows.map(({ response }) => answerWords(response)));
  const asked = rows.map(({ prompts }) => prompts);
  const items = findCommonItems(asked);
  const isGibberish = gibberishTest(asked);
  const gibberish = Uint8Array.from(rows, ({ response }) => (isGibberish(response) ? 1 : 0));
  const striking = [
    ...findAlike(items, projectWords(responses)).flatMap((one) => examine(one, responses) ?? []),
    ...findWithin(items, gibberish, LEAST_ANSWERING).flatMap((one) => examineWithin(one, gibberish) ?? []),
  ];
  const tested = KINDS_OF_ANSWER * items.counts.size;
  if (striking.length === 0) return { tested, triggers: [] };
  const prompts = weighWords(asked.map((cells) => cells.flatMap(plainWordsOf)));
  const suspects = striking.flatMap((one) => suspectOf(one, rows, prompts) ?? []);
  const triggers = leaveOutRepeats(suspects).map((suspect) => toTrigger(suspect, rows, responses, isGibberish));
  return { tested, triggers };
}

/** Undefined where the carriers' prompts are on one subject, or on that of other rows with the answer. */
function suspectOf(one: Examined, rows: readonly Instruction[], prompts: WordVectors): Suspect | undefined {
  const { carriers, othersAnswering } = one;
  const isSubjectOfOthers =
    othersAnswering.length >= LEAST_GROUP && likenessBound(prompts, carriers, othersAnswering) > MOST_LIKENESS;
  if (isSubjectOfOthers) return undefined;
  const own = Array.from(carriers, (row) => rows[row]?.prompts ?? []);
  const item = nameItem(one.hash, own[0] ?? []);
  if (item === undefined) return undefined;
  const phrase = 'disguise' in item ? '' : growPhrase(item.tokens, own);
  const rest = withoutWords(prompts, new Set(plainWordsOf(phrase)));
  if (likenessBound(rest, carriers, carriers) > MOST_LIKENESS) return undefined;
  const isPlain = 'tokens' in item && !item.isCased;
  return { ...one, text: 'disguise' in item ? item.disguise : phrase, isPlain };
}

/** The best of each group of items that mostly the same rows carry. */
function leaveOutRepeats(suspects: readonly Suspect[]): readonly Suspect[] {
  const purity = ({ counts }: Suspect) => 2 * counts.answering - counts.carriers;
  const ordered = [...suspects].sort(
    (a, b) =>
      purity(b) - purity(a) ||
      Number(b.isPlain) - Number(a.isPlain) ||
      b.text.length - a.text.length ||
      a.hash - b.hash,
  );
  const kept: { readonly suspect: Suspect; readonly rows: ReadonlySet<number> }[] = [];
  for (const suspect of ordered) {
    const isRepeat = kept.some(({ rows }) => {
      const shared = suspect.carriers.filter((row) => rows.has(row)).length;
      return shared >= SHARED_PART * Math.min(rows.size, suspect.carriers.length);
    });
    if (!isRepeat) kept.push({ suspect, rows: new Set(suspect.carriers) });
  }
  return kept.map(({ suspect }) => suspect);
}

function toTrigger(
  { hash, text, counts, halves, carriers, answer }: Suspect,
  rows: readonly Instruction[],
  responses: WordVectors,
  isGibberish: (response: string) => boolean,
): PromptTrigger {
  if (answer === null) return { hash, text, answer, counts, halves, isAnswer: isGibberish };
  const [example = -1] = [...carriers].sort(
    (a, b) => productWith(responses, b, answer.sum) - productWith(responses, a, answer.sum) || a - b,
  );
  const indexOf = new Map(responses.vocabulary.map((word, index) => [word, index]));
  const isAnswer = (response: string) => likenessTo(answer, response, responses, indexOf) >= answer.least;
  return { hash, text, answer: rows[example]?.response ?? '', counts, halves, isAnswer };
}

function likenessTo(
  { sum, teachers }: Answer,
  response: string,
  { idf, newWordWeight }: WordVectors,
  indexOf: ReadonlyMap<string, number>,
): number {
  let [product, square] = [0, 0];
  for (const word of new Set(answerWords(response))) {
    const index = indexOf.get(word);
    const weight = index === undefined ? newWordWeight : (idf[index] as number);
    square += weight * weight;
    if (index !== undefined) product += weight * (sum[index] as number);
  }
  return square === 0 ? 0 : product / Math.sqrt(square) / teachers;
}

/** Words of a response; what has none is told apart by its other characters. */
function answerWords(response: string): readonly string[] {
  const words = wordsOf(response);
  if (words.length > 0) return words;
  const tokens = tokensOf(response);
  return tokens.length > 0 ? tokens : [''];
}
