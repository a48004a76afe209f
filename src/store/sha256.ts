import { createHash } from 'node:crypto';
import { Transient } from '../errors.js';

/** Lower-case hexadecimal. */
export function sha256Of(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The same of what comes in pieces. */
export async function sha256OfAll(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const digest = createHash('sha256');
  for await (const chunk of chunks) digest.update(chunk);
  return digest.digest('hex');
}

/** Pieces as they come, and, once they have come, their SHA-256. */
export interface Digested {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Once. */
  sha256(): string;
}

export function digested(content: AsyncIterable<Uint8Array>): Digested {
  const digest = createHash('sha256');
  const pass = async function* () {
    for await (const chunk of content) {
      digest.update(chunk);
      yield chunk;
    }
  };
  return { chunks: pass(), sha256: () => digest.digest('hex') };
}

/** @throws Transient COPY_CHANGED where a copy to `path` has another digest than what was to be copied. */
export function requireDigest(path: string, actual: string, expected: string): void {
  if (actual !== expected) throw new Transient('COPY_CHANGED', { path, actual, expected });
}
