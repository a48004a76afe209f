import { kMaxLength } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import { beyondLimit, type IntakeLimits } from '../limits.js';

const CHUNK_BYTES = 2 ** 20;

/** Stops as soon as the output grows beyond `limits.decodedBytes`. Checksums are verified. */
export function gunzip(content: Uint8Array, limits: IntakeLimits): Uint8Array {
  const maxOutputLength = Math.min(limits.decodedBytes, kMaxLength);
  try {
    return gunzipSync(content, { maxOutputLength, chunkSize: CHUNK_BYTES });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw beyondLimit('it decompresses to more bytes than', 'decodedBytes', limits);
    }
    throw error;
  }
}
