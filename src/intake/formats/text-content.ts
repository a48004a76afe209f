import { isUtf8 } from 'node:buffer';

const LINE_FEED = 0x0a;

/** @throws Error that names the first line which is not valid UTF-8 */
export function assertUtf8(content: Uint8Array): void {
  if (!isUtf8(content)) throw new Error(`line ${firstBadLine(content)} is not valid UTF-8`);
}

function firstBadLine(content: Uint8Array): number {
  let number = 1;
  for (const { start, end } of linesOf(content)) {
    if (!isUtf8(content.subarray(start, end))) return number;
    number += 1;
  }
  return number;
}

/** Where each line begins, and where it ends before its line feed. */
export function* linesOf(content: Uint8Array): Generator<{ readonly start: number; readonly end: number }, undefined> {
  for (let start = 0; start < content.length; ) {
    const lineFeed = content.indexOf(LINE_FEED, start);
    const end = lineFeed < 0 ? content.length : lineFeed;
    yield { start, end };
    start = end + 1;
  }
}

/** Passed over, they cost nearly as much time as rows, and no limit on rows counts them. */
const MOST_BLANK_LINES = 1_000_000;

export function assertBlankLines(count: number): void {
  if (count > MOST_BLANK_LINES) throw new Error(`it has more than ${MOST_BLANK_LINES} blank lines: take them out`);
}
