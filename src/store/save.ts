import { type FileHandle, link, mkdir, open, rename } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { BadInput } from '../errors.js';
import { withScratch } from './scratch.js';
import { digested, requireDigest } from './sha256.js';
import { orWriteFailed } from './write-failure.js';

/**
 * Writes a file that appears whole or not at all, in place of one of that name, and makes its folder where it is missing.
 * @throws BadInput OUTPUT_IS_FOLDER; Transient WRITE_FAILED
 */
export async function saveFile(path: string, content: Uint8Array): Promise<void> {
  await writeBeside(
    path,
    (file) => file.writeFile(content),
    (part) => putOver(part, path),
  );
}

async function putOver(part: string, path: string): Promise<void> {
  try {
    await rename(part, path);
  } catch (cause) {
    throw (cause as NodeJS.ErrnoException).code === 'EISDIR'
      ? new BadInput('OUTPUT_IS_FOLDER', { path }, cause)
      : cause;
  }
}

/**
 * As saveFile, unless there is one of that name: then false.
 * @throws Transient WRITE_FAILED
 */
export async function createFile(path: string, content: Uint8Array): Promise<boolean> {
  return writeBeside(
    path,
    (file) => file.writeFile(content),
    (part) => linkNew(part, path),
  );
}

/**
 * As createFile, of what comes in pieces.
 * @throws Transient COPY_CHANGED where its SHA-256 is another; WRITE_FAILED, what `content` throws
 */
export async function createFileFrom(
  path: string,
  content: AsyncIterable<Uint8Array>,
  sha256: string,
): Promise<boolean> {
  const { chunks, sha256: actual } = digested(content);
  return writeBeside(
    path,
    async (file) => {
      for await (const chunk of chunks) await file.writeFile(chunk);
    },
    async (part) => {
      requireDigest(path, actual(), sha256);
      return linkNew(part, path);
    },
  );
}

/** Renaming would replace a file; a second name for one is never given where the name is taken. */
async function linkNew(part: string, path: string): Promise<boolean> {
  try {
    await link(part, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Beside it: only within one file system is putting a file in its place a single step. */
async function writeBeside<T>(
  path: string,
  fill: (file: FileHandle) => Promise<void>,
  putInPlace: (part: string) => Promise<T>,
): Promise<T> {
  const beside = dirname(resolve(path));
  return orWriteFailed(path, async () => {
    await mkdir(beside, { recursive: true });
    return withScratch(beside, async (folder) => {
      const part = join(folder, 'part');
      const file = await open(part, 'wx');
      try {
        await fill(file);
        await file.sync();
      } finally {
        await file.close();
      }
      return putInPlace(part);
    });
  });
}
