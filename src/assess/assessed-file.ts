import { closeSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Bug } from '../errors.js';
import { appendPieces, orWriteFailed } from '../store/index.js';
import { withMemory } from './memory.js';
import { bytesOf, orMissing } from './scratch-files.js';

/** What is known of a shard's rows, in the order in which it lies in their file. */
export const PARTS = ['rows', 'signatures', 'items', 'item-ids', 'spectral', 'oddest', 'instructions'] as const;

export type Part = (typeof PARTS)[number];

/** The bytes of each part there is, in pieces. */
export type Parts = Readonly<Partial<Record<Part, Iterable<Uint8Array>>>>;

/** Where it is in a folder of one scan alone; a shard's place is its number in the batch. */
export function assessedFile(folder: string, shard: number): string {
  return join(folder, `assessed-${shard}`);
}

/**
 * One file a shard, for making and removing one costs as much as what is in it: how many bytes each part has, as numbers of 64
 * bits, and then the parts. @throws Transient WRITE_FAILED
 */
export function writeParts(folder: string, shard: number, parts: Parts): Promise<void> {
  return orWriteFailed(folder, async () => {
    const sizes = new Float64Array(PARTS.length);
    const file = await open(assessedFile(folder, shard), 'w');
    try {
      await appendPieces(file, piecesOf(parts, sizes));
      // Last, for only now they are known: of what is not written to its end no part is there.
      await file.write(bytesOf(sizes), 0, sizes.byteLength, 0);
    } finally {
      await file.close();
    }
  });
}

/** Counts the bytes of each part on the way. */
function* piecesOf(parts: Parts, sizes: Float64Array): Generator<Uint8Array> {
  yield new Uint8Array(sizes.byteLength);
  for (const [place, name] of PARTS.entries()) {
    for (const piece of parts[name] ?? []) {
      sizes[place] = (sizes[place] as number) + piece.length;
      yield piece;
    }
  }
}

/** Undefined where there is none. */
export function readPart(folder: string, shard: number, name: Part): Buffer | undefined {
  return findIn(folder, shard, name, (found) => found && readBytes(found.file, found.from, found.bytes));
}

/** Has `use` a part, or undefined where there is none, of which it keeps nothing: its memory is used again. */
export async function withPart<T>(
  folder: string,
  shard: number,
  name: Part,
  use: (content: Buffer | undefined) => T | Promise<T>,
): Promise<T> {
  return findIn(folder, shard, name, (found) => {
    if (found === undefined) return use(undefined);
    return withMemory(found.bytes, async (content) => {
      // Before anything is waited for: the file is closed by then.
      readInto(found.file, content, found.from);
      return use(content);
    });
  });
}

/** Where a part is, which has any bytes. */
interface Found {
  readonly file: number;
  readonly from: number;
  readonly bytes: number;
}

/** Read without waiting: each step would take longer by that than what has just been written takes to read. */
function findIn<T>(folder: string, shard: number, name: Part, read: (found: Found | undefined) => T): T {
  const file = openParts(folder, shard);
  if (file === undefined) return read(undefined);
  try {
    const { from, bytes } = findPart(file, name);
    return read(bytes === 0 ? undefined : { file, from, bytes });
  } finally {
    closeSync(file);
  }
}

/** For whoever reads a part piece by piece, and closes the file; undefined of a shard that was not written. */
export function openParts(folder: string, shard: number): number | undefined {
  return orMissing(() => openSync(assessedFile(folder, shard), 'r'), undefined);
}

/** Where a part begins, and how long it is: 0 where there is none. */
export function findPart(file: number, name: Part): { from: number; bytes: number } {
  const sizes = new Float64Array(PARTS.length);
  // Nothing where it was broken off before anything was written; all are 0 where it was not written to its end.
  const read = readSync(file, bytesOf(sizes), 0, sizes.byteLength, 0);
  if (read > 0 && read < sizes.byteLength) throw new Bug('a file of what was assessed has lost its head');
  const place = PARTS.indexOf(name);
  const from = sizes.subarray(0, place).reduce((sum, bytes) => sum + bytes, sizes.byteLength);
  return { from, bytes: sizes[place] as number };
}

/** In memory of their own, where numbers of any width can be seen in them. */
export function readBytes(file: number, from: number, bytes: number): Buffer {
  const content = Buffer.allocUnsafeSlow(bytes);
  readInto(file, content, from);
  return content;
}

/** @throws Bug where the file ends before */
export function readInto(file: number, bytes: Buffer, from: number): void {
  for (let at = 0; at < bytes.length; ) {
    const read = readSync(file, bytes, at, bytes.length - at, from + at);
    if (read === 0) throw new Bug('a file of what was assessed has become shorter');
    at += read;
  }
}
