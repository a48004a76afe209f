import { webcrypto } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Transient } from '../errors.js';
import { mapAtOnce } from '../store/index.js';

/** Of a part, where nobody says otherwise: large enough that what each costs beside its bytes does not show. */
export const PART_BYTES = 64 * 2 ** 20;

/**
 * SHA-256 of each `partBytes` of a file in turn, the last one shorter; several at a time, as threads of the platform hash.
 * @throws Transient READ_FAILED, also where it gets shorter meanwhile
 */
export async function hashParts(path: string, partBytes: number, atOnce = availableParallelism()): Promise<string[]> {
  const file = await orReadFailed(path, () => open(path));
  try {
    const { size } = await orReadFailed(path, () => file.stat());
    const digests: string[] = Array.from({ length: Math.ceil(size / partBytes) });
    let next = 0;
    const work = async () => {
      const buffer = new Uint8Array(Math.min(partBytes, size));
      for (let part = next++; part < digests.length; part = next++) {
        const bytes = Math.min(partBytes, size - part * partBytes);
        await orReadFailed(path, () => readFully(file, buffer.subarray(0, bytes), part * partBytes));
        digests[part] = hex(await webcrypto.subtle.digest('SHA-256', buffer.subarray(0, bytes)));
      }
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, digests.length) }, work));
    return digests;
  } finally {
    await file.close();
  }
}

/** The same of what has been read already. */
export function hashPartsOf(content: Uint8Array, partBytes: number): Promise<string[]> {
  const parts = Array.from({ length: Math.ceil(content.length / partBytes) }, (_, part) => part * partBytes);
  const digestFrom = async (from: number) => {
    // WebCrypto takes no memory that threads share, and what stores read is none.
    const part = content.subarray(from, from + partBytes) as Uint8Array<ArrayBuffer>;
    return hex(await webcrypto.subtle.digest('SHA-256', part));
  };
  return mapAtOnce(parts, digestFrom, availableParallelism());
}

async function readFully(file: FileHandle, into: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await file.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) throw new Error('it has become shorter');
    done += bytesRead;
  }
}

function hex(digest: ArrayBuffer): string {
  return Buffer.from(digest).toString('hex');
}

async function orReadFailed<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new Transient('READ_FAILED', { path, detail: (cause as Error).message }, cause);
  }
}
