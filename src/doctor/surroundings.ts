import { createHash } from 'node:crypto';
import { statfs, writeFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../errors.js';
import type { Diagnosis } from '../schema/index.js';
import { withScratch } from '../store/index.js';

/** Total, available and allowed memory in bytes. */
export function memory(): Diagnosis['memory'] {
  const totalBytes = totalmem();
  // Without a limit Node says 0, or a number beyond anything that is built in.
  const limit = process.constrainedMemory();
  return {
    totalBytes,
    availableBytes: process.availableMemory(),
    limitBytes: limit > 0 && limit < totalBytes ? limit : null,
  };
}

export function platform(): Diagnosis['platform'] {
  const { header } = process.report.getReport() as unknown as { readonly header: { glibcVersionRuntime?: string } };
  return { system: process.platform, architecture: process.arch, glibc: header.glibcVersionRuntime ?? null };
}

async function freeBytes(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

/** Whether files can be written where scans keep their scratch files. */
export async function temporaryFolder(path: string): Promise<Diagnosis['temporaryFolder']> {
  const free = await freeBytes(path);
  try {
    await withScratch(path, (folder) => writeFile(join(folder, 'probe'), 'probe'));
    return { path, writable: true, freeBytes: free, failure: null };
  } catch (error) {
    return { path, writable: false, freeBytes: free, failure: messageOf(error) };
  }
}

const PIECE_BYTES = 2 ** 20;
const PIECES = 64;

/** GB of SHA-256 a second on one core. */
export function sha256GigabytesPerSecond(): number {
  const piece = Buffer.alloc(PIECE_BYTES, 1);
  const hash = createHash('sha256');
  const start = performance.now();
  for (let i = 0; i < PIECES; i++) hash.update(piece);
  hash.digest();
  return (PIECES * PIECE_BYTES) / ((performance.now() - start) / 1000) / 1e9;
}
