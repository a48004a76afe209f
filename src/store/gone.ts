import { Transient } from '../errors.js';

const CODES = ['ENOENT', 'ENOTDIR', 'NOT_A_FILE'];
const STATUSES = [404, 412];

/** True of a failure to read that says that the object, or that version of it, is no more: not that the store has failed. */
export function saysGone(error: unknown): boolean {
  if (!(error instanceof Transient) || !(error.cause instanceof Error)) return false;
  const { code, $metadata } = error.cause as { code?: unknown; $metadata?: { readonly httpStatusCode?: number } };
  return CODES.includes(String(code)) || STATUSES.includes($metadata?.httpStatusCode ?? 0);
}
