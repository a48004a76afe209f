import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, link, mkdir, open, rename } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { BadInput, Transient } from '../errors.js';
import { withScratch } from './scratch.js';
import { orWriteFailed } from './write-failure.js';

/** Of a file at a time: hashing goes half as fast again as with less. */
const READ_BYTES = 2 ** 20;

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
 * As createFile, with the content of another file.
 * @throws Transient COPY_CHANGED where its SHA-256 is another; READ_FAILED, WRITE_FAILED
 */
export async function copyFileInto(path: string, from: string, sha256: string): Promise<boolean> {
  const digest = createHash('sha256');
  const fill = async (file: FileHandle) => {
    for await (const chunk of createReadStream(from, { highWaterMark: READ_BYTES })) {
      digest.update(chunk as Buffer);
      await file.writeFile(chunk as Buffer);
    }
  };
  return writeBeside(
    path,
    (file) => orReadFailed(from, () => fill(file)),
    async (part) => {
      const actual = digest.digest('hex');
      if (actual !== sha256) throw new Transient('COPY_CHANGED', { path: from, actual, expected: sha256 });
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

async function orReadFailed(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    const { path: failed, message } = cause as NodeJS.ErrnoException;
    throw failed === path ? new Transient('READ_FAILED', { path, detail: message }, cause) : cause;
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
