import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** So much is written at once where it comes in faster: each write costs as much as its piece. */
const WAITING_BYTES = 2 ** 20;

/** Writes a file as its content comes in; `flags` and `mode` as those of open. @throws what system calls and `content` throw */
export function writePieces(
  path: string,
  content: AsyncIterable<Uint8Array>,
  options: { readonly flags?: string; readonly mode?: number } = {},
): Promise<void> {
  return pipeline(content, createWriteStream(path, { ...options, highWaterMark: WAITING_BYTES }));
}
