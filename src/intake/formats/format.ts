import type { Table } from 'apache-arrow';
import type { IntakeLimits } from '../limits.js';

/** One file format: how its bytes are told from others, and how they become a table. */
export interface Format {
  /** As users write it. */
  readonly name: string;
  /** Endings of file names that promise this format. */
  readonly endings: readonly string[];
  readonly recognises: (content: Uint8Array) => boolean;
  /** Rejects with an error whose message says what is wrong with the content. Stops early where it breaks a limit. */
  readonly parse: (content: Uint8Array, limits: IntakeLimits) => Promise<Table>;
}

export function startsWith(content: Uint8Array, magic: string): boolean {
  return (
    Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('latin1', 0, magic.length) === magic
  );
}

export function endsWith(content: Uint8Array, magic: string): boolean {
  return content.length >= magic.length && startsWith(content.subarray(content.length - magic.length), magic);
}
