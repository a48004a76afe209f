/**
 * What can drive a terminal or deceive its reader: control characters (ANSI sequences begin with one), invisible and
 * bidirectional format characters, line separators, lone surrogates, private use.
 */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** A literal `\u{` in data, which would read like an escape made here. */
const lookalike = /\\(?=u\{)/g;

function hexOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16);
}

/** Text from data as it may be shown on a terminal or in a log: one line, nothing hidden, escapes as `\u{1b}`. */
export function safeText(text: string): string {
  return text.replace(lookalike, '\\u{5c}').replace(unsafe, (character) => `\\u{${hexOf(character)}}`);
}

/** JSON text with the same characters as JSON escapes: the same values, safe to print. Line feeds between values stay. */
export function safeJson(json: string): string {
  return json.replace(unsafe, (character) =>
    character === '\n'
      ? character
      : character
          .split('')
          .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
          .join(''),
  );
}
