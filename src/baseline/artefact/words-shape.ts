import type { NaiveBayes } from '../../detect/index.js';
import type { Encoder } from '../../encode/index.js';
import { areStarts, arrayOf, assertSay, Misshapen, number, record } from './shape.js';

export const naiveBayes = record<NaiveBayes>({
  starts: arrayOf(Int32Array),
  classes: arrayOf(Uint16Array),
  weights: arrayOf(Float32Array),
  temperature: number,
});

/** Throws Misshapen where words cannot be heard, or have a say without being there. */
export function assertWords(
  { words, wordShare }: { readonly words: NaiveBayes | null; readonly wordShare: number },
  encoder: Pick<Encoder, 'text'>,
  classes: number,
  at: string,
): void {
  assertSay(words, wordShare, 'words', at);
  if (words === null) return;
  if (encoder.text === null) throw new Misshapen(`${at} has words of no text`);
  naiveBayes(words, `${at}.words`);
  const { starts, weights, temperature } = words;
  const isFilled = areStarts(starts, weights.length) && words.classes.length === weights.length;
  const areNumbers = temperature > 0 && weights.every(Number.isFinite);
  const isOfAll = words.classes.every((label) => label < classes);
  if (!isFilled || !areNumbers || !isOfAll) throw new Misshapen(`${at}.words points outside itself`);
}
