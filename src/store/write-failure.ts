import { Transient } from '../errors.js';

/** Runs `work`, whose system errors mean that `path` cannot be written. @throws Transient WRITE_FAILED */
export async function orWriteFailed<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const isSystemError = cause instanceof Error && 'syscall' in cause;
    throw isSystemError ? new Transient('WRITE_FAILED', { path, detail: cause.message }, cause) : cause;
  }
}
