import { createHash } from 'node:crypto';
import { VERDICT_NAME } from '../gate/index.js';

/** A root one or more segments below another. */
export function below(root: string, ...segments: readonly string[]): string {
  return [root, ...segments].join('/');
}

/** Where the records of one batch lie in a vault. */
export function batchFolder(batch: string): string {
  return `batches/${batch}`;
}

/** Beside the released shards of a batch: the first, and those that follow reviews; names that begin so are never data. */
export function verdictName(number: number): string {
  return number === 1 ? VERDICT_NAME : `_verdict-${number}.json`;
}

/** Lower-case hexadecimal. */
export function sha256Of(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
