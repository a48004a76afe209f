import type { TextTest } from './texts.js';

/** A code point takes one to four bytes of UTF-8. */
const MOST_BYTES = 4;

/** Passes texts of so many characters (code points). */
export function lengthTest(min: number, max: number): TextTest {
  const isWithin = (length: number) => length >= min && length <= max;
  return {
    text: (text) => isWithin(charactersOf(text)),
    bytes: (buffer, start, end) => {
      const bytes = end - start;
      // Between as many characters as bytes and a quarter of that: most texts need not be counted.
      if (bytes <= max && Math.ceil(bytes / MOST_BYTES) >= min) return true;
      if (bytes < min || Math.ceil(bytes / MOST_BYTES) > max) return false;
      return isWithin(countCodePoints(buffer, start, end));
    },
  };
}

/** Code points of a string; a lone surrogate counts as one. */
export function charactersOf(text: string): number {
  let pairs = 0;
  for (let i = 1; i < text.length; i++) {
    const isPair = (text.charCodeAt(i) & 0xfc00) === 0xdc00 && (text.charCodeAt(i - 1) & 0xfc00) === 0xd800;
    if (isPair) pairs++;
  }
  return text.length - pairs;
}

function countCodePoints(buffer: Uint8Array, start: number, end: number): number {
  let count = 0;
  // All bytes but those that continue a character.
  for (let i = start; i < end; i++) if (((buffer[i] as number) & 0xc0) !== 0x80) count++;
  return count;
}
