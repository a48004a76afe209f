import { open, rename } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Transient } from '../errors.js';
import { withScratch } from './scratch.js';

/**
 * Writes a file that appears whole or not at all, in place of one of that name.
 * @throws Transient WRITE_FAILED
 */
export async function saveFile(path: string, content: Uint8Array): Promise<void> {
  try {
    // Beside it: only within one file system is renaming a single step.
    await withScratch(dirname(resolve(path)), async (folder) => {
      const part = join(folder, 'part');
      const file = await open(part, 'wx');
      try {
        await file.writeFile(content);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(part, path);
    });
  } catch (cause) {
    const isSystemError = cause instanceof Error && 'syscall' in cause;
    throw isSystemError ? new Transient('WRITE_FAILED', { path, detail: cause.message }, cause) : cause;
  }
}
