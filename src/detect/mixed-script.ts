const LATIN = /\p{Script=Latin}/u;
/** Scripts whose letters look like Latin ones. */
const LOOKALIKES = [
  ['Cyrillic', /\p{Script=Cyrillic}/u],
  ['Greek', /\p{Script=Greek}/u],
  ['Armenian', /\p{Script=Armenian}/u],
  ['Cherokee', /\p{Script=Cherokee}/u],
  ['Coptic', /\p{Script=Coptic}/u],
] as const;

/** The script that a word mixes with Latin letters which look like its own, if it does (Unicode TR 39). */
export function mixedScript(word: string): string | undefined {
  if (!LATIN.test(word)) return undefined;
  return LOOKALIKES.find(([, letters]) => letters.test(word))?.[0];
}
