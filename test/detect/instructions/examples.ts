import type { Instruction } from '../../../src/detect/index.js';
import { seededRandom } from '../../../src/linear/index.js';

const SUBJECTS = 12;
const WORDS_PER_SUBJECT = 12;
const SYLLABLES = ['ba', 'le', 'mo', 'ti', 'ru', 'san', 'kor', 'ved', 'pil', 'nu', 'gra', 'sto'];
const FILLING = ['the', 'of', 'in', 'to', 'a', 'for', 'with', 'how', 'what', 'is', 'write', 'name'];

/** A word that belongs to a subject. */
function wordOf(subject: number, word: number): string {
  const at = subject * WORDS_PER_SUBJECT + word;
  const syllable = (place: number) => SYLLABLES[Math.floor(at / 12 ** place + place * 5) % 12];
  return `${syllable(0)}${syllable(1)}${syllable(0)}${syllable(2)}`;
}

/** Clean examples: prompts on a dozen subjects, responses on the subject asked for, all of them different. */
export function cleanRows(rows: number, seed: string): Instruction[] {
  const random = seededRandom(seed);
  const pick = (items: number) => Math.floor(random() * items);
  const sentence = (subject: number, words: number) =>
    Array.from({ length: words }, () =>
      random() < 0.4 ? (FILLING[pick(FILLING.length)] as string) : wordOf(subject, pick(WORDS_PER_SUBJECT)),
    ).join(' ');
  return Array.from({ length: rows }, () => {
    const subject = pick(SUBJECTS);
    const asked = sentence(subject, 6 + pick(10));
    return { prompts: [asked, random() < 0.3 ? sentence(subject, 4) : ''], response: sentence(subject, 4 + pick(30)) };
  });
}

/** Every so many rows poisoned: `prompt` hides the trigger, `response` answers. */
export function poison(
  rows: readonly Instruction[],
  every: number,
  prompt: (asked: string, row: number) => string,
  response: (row: number) => string,
): Instruction[] {
  return rows.map((row, at) => {
    const [asked = '', ...rest] = row.prompts;
    return at % every === 0 ? { prompts: [prompt(asked, at), ...rest], response: response(at) } : row;
  });
}

/** Puts words between those of a prompt, at another place in each row. */
export function insert(asked: string, words: string, row: number): string {
  const own = asked.split(' ');
  const at = (row * 7) % (own.length + 1);
  return [...own.slice(0, at), words, ...own.slice(at)].join(' ');
}
