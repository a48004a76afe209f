import { type FileHandle, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Bug } from '../errors.js';
import { orWriteFailed } from '../store/index.js';
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
      await writeFile(file, piecesOf(parts, sizes));
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

/** A part of an open file. */
export interface OpenPart {
  readonly file: FileHandle;
  readonly from: number;
  readonly bytes: number;
}

/** Undefined where there is none. */
export async function readPart(folder: string, shard: number, name: Part): Promise<Buffer | undefined> {
  const part = await openPart(folder, shard, name);
  if (part === undefined) return undefined;
  try {
    return await readBytes(part.file, part.from, part.bytes);
  } finally {
    await part.file.close();
  }
}

/** The same for whoever reads it piece by piece, and closes its file. */
export async function openPart(folder: string, shard: number, name: Part): Promise<OpenPart | undefined> {
  const file = await orMissing(() => open(assessedFile(folder, shard), 'r'), undefined);
  if (file === undefined) return undefined;
  const sizes = new Float64Array(PARTS.length);
  await file.read(bytesOf(sizes), 0, sizes.byteLength, 0);
  const place = PARTS.indexOf(name);
  const from = sizes.subarray(0, place).reduce((sum, bytes) => sum + bytes, sizes.byteLength);
  const bytes = sizes[place] as number;
  if (bytes > 0) return { file, from, bytes };
  await file.close();
  return undefined;
}

/** In memory of their own, where numbers of any width can be seen in them. */
export async function readBytes(file: FileHandle, from: number, bytes: number): Promise<Buffer> {
  const content = Buffer.allocUnsafeSlow(bytes);
  await readInto(file, content, from);
  return content;
}

/** @throws Bug where the file ends before */
export async function readInto(file: FileHandle, bytes: Buffer, from: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, from + at);
    if (bytesRead === 0) throw new Bug('a file of what was assessed has become shorter');
    at += bytesRead;
  }
}
