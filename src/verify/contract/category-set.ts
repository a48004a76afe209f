import type { TextTest } from './texts.js';

/** Texts found again by their UTF-8 bytes: an open-address table of a power of two of places, −1 where free. */
interface ByteTable {
  readonly texts: readonly Uint8Array[];
  readonly places: Int32Array;
  readonly shortest: number;
  readonly longest: number;
}

const encoder = new TextEncoder();

/** Passes the texts that are among the categories. */
export function categoryTest(categories: readonly string[]): TextTest {
  const known = new Set(categories);
  const table = tableOf(categories);
  return {
    text: (text) => known.has(text),
    bytes: (buffer, start, end) => {
      const length = end - start;
      if (length < table.shortest || length > table.longest) return false;
      return place(table, buffer, start, end) >= 0;
    },
  };
}

function tableOf(categories: readonly string[]): ByteTable {
  const texts = categories.map((category) => encoder.encode(category));
  const lengths = texts.map(({ length }) => length);
  const table = {
    texts,
    places: new Int32Array(2 ** Math.ceil(Math.log2(4 * texts.length))).fill(-1),
    shortest: Math.min(...lengths),
    longest: Math.max(...lengths),
  };
  texts.forEach((text, index) => {
    const found = place(table, text, 0, text.length);
    if (found < 0) table.places[~found] = index;
  });
  return table;
}

/** Where the text stands, or the complement of the free place where it would. */
function place({ texts, places }: ByteTable, buffer: Uint8Array, start: number, end: number): number {
  const mask = places.length - 1;
  for (let at = hashBytes(buffer, start, end) & mask; ; at = (at + 1) & mask) {
    const candidate = places[at] as number;
    if (candidate < 0) return ~at;
    if (isSame(texts[candidate] as Uint8Array, buffer, start, end)) return at;
  }
}

function isSame(text: Uint8Array, buffer: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i++) if (text[i] !== buffer[start + i]) return false;
  return true;
}

/** FNV-1a with a final mix. */
function hashBytes(buffer: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (buffer[i] as number), 0x01000193);
  return hash ^ (hash >>> 15);
}
