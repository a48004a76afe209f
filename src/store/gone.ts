import { Transient } from '../errors.js';

const CODES = ['ENOENT', 'ENOTDIR', 'NOT_A_FILE'];
const STATUSES = [404, 412];

/** True of a failure to read that says that the object, or that version of it, is no more: not that the store has failed. */
export function saysGone(error: unknown): boolean {
  if (!(error instanceof Transient) || !(error.cause instanceof Error)) return false;
  const { code, $metadata } = error.cause as { code?: unknown; $metadata?: { readonly httpStatusCode?: number } };
  return (
    isUnknownVersion(error.cause) || CODES.includes(String(code)) || STATUSES.includes($metadata?.httpStatusCode ?? 0)
  );
}

/** Of a version that a server has told itself: it is gone, though another of that object is there (versitygw). */
export function isUnknownVersion(error: unknown): boolean {
  return error instanceof Error && error.name === 'InvalidArgument' && /version id/i.test(error.message);
}
