import { link, open, rename } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { withScratch } from './scratch.js';
import { orWriteFailed } from './write-failure.js';

/**
 * Writes a file that appears whole or not at all, in place of one of that name.
 * @throws Transient WRITE_FAILED
 */
export async function saveFile(path: string, content: Uint8Array): Promise<void> {
  await writeBeside(path, content, (part) => rename(part, path));
}

/**
 * Writes a file that appears whole or not at all, unless there is one of that name: then false.
 * @throws Transient WRITE_FAILED
 */
export async function createFile(path: string, content: Uint8Array): Promise<boolean> {
  let isNew = true;
  await writeBeside(path, content, async (part) => {
    // Renaming would replace a file; a second name for one is never given where the name is taken.
    await link(part, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
      isNew = false;
    });
  });
  return isNew;
}

/** Beside it: only within one file system is putting a file in its place a single step. */
async function writeBeside(
  path: string,
  content: Uint8Array,
  putInPlace: (part: string) => Promise<void>,
): Promise<void> {
  await orWriteFailed(path, () =>
    withScratch(dirname(resolve(path)), async (folder) => {
      const part = join(folder, 'part');
      const file = await open(part, 'wx');
      try {
        await file.writeFile(content);
        await file.sync();
      } finally {
        await file.close();
      }
      await putInPlace(part);
    }),
  );
}
