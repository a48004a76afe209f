import { type FileHandle, open } from 'node:fs/promises';

/** So much is written at once: a write costs as much as copying its pieces. */
const TOGETHER_BYTES = 2 ** 19;

/** Writes a file as its content comes in; `flags` and `mode` as those of open. @throws what system calls and `content` throw */
export async function writePieces(
  path: string,
  content: AsyncIterable<Uint8Array>,
  { flags = 'w', mode }: { readonly flags?: string; readonly mode?: number } = {},
): Promise<void> {
  const file = await open(path, flags, mode);
  try {
    await appendPieces(file, content);
  } finally {
    await file.close();
  }
}

/** Writes pieces one after the other where the file has been written to. @throws as writePieces */
export async function appendPieces(
  file: FileHandle,
  content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of content) {
    waiting.push(piece);
    bytes += piece.length;
    if (bytes < TOGETHER_BYTES) continue;
    await file.writeFile(Buffer.concat(waiting));
    [waiting, bytes] = [[], 0];
  }
  await file.writeFile(Buffer.concat(waiting));
}
