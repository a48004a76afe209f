/** What the bytes of a JSON value tell before it is parsed. */
export interface JsonShape {
  /** Levels of arrays and objects, 1 for an object of plain values. */
  readonly depth: number;
  /** Keys of the outermost object, a repeated one as often as it is there. */
  readonly keys: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
/** Brackets differ from braces in this bit. */
const BRACE_BIT = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;

/** For what JSON.parse leaves out: of equal keys it keeps the last in silence, where other readers keep the first. */
export function jsonShape(content: Uint8Array, start: number, end: number): JsonShape {
  let level = 0;
  let depth = 0;
  let keys = 0;
  for (let at = start; at < end; at++) {
    const byte = content[at] ?? 0;
    if (byte === QUOTE) at = endOfString(content, at + 1, end);
    else if (byte === COLON) keys += level === 1 ? 1 : 0;
    else if ((byte | BRACE_BIT) === OPENING) depth = Math.max(depth, ++level);
    else if ((byte | BRACE_BIT) === CLOSING) level -= 1;
  }
  return { depth, keys };
}

function endOfString(content: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && content[at] !== QUOTE) at += content[at] === BACKSLASH ? 2 : 1;
  return at;
}
