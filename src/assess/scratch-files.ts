/** What `read` gives, or `missing` where the file was never written, as that of a shard that could not be judged. */
export function orMissing<T, M>(read: () => T, missing: M): T | M {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return missing;
    throw cause;
  }
}

/** The bytes of numbers as they are in memory. */
export function bytesOf({ buffer, byteOffset, byteLength }: NodeJS.TypedArray): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
