import { createHash } from 'node:crypto';

/** A root one or more segments below another. */
export function below(root: string, ...segments: readonly string[]): string {
  return [root, ...segments].join('/');
}

/** Where the records of one batch lie in a vault. */
export function batchFolder(batch: string): string {
  return `batches/${batch}`;
}

/** Lower-case hexadecimal. */
export function sha256Of(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
