import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { ZSTDDecoder } from 'zstddec/stream';
import { beyondLimit, type IntakeLimits } from '../limits.js';

/** The decoder's heap ends at 2 GiB, and it writes over its own memory when an allocation fails. */
const MOST_AT_ONCE = 2 ** 30;
const CHUNK_BYTES = 2 ** 16;
/** A stream that is left before its end keeps a window of up to 128 MiB in the decoder's heap. */
const ABANDONED_PER_DECODER = 8;

const { resolve } = createRequire(import.meta.url);
let decoder: Promise<ZSTDDecoder> | undefined;
let generation = 0;
let abandoned = 0;

/** Another query makes another module: the only way to a fresh heap. */
async function startDecoder(): Promise<ZSTDDecoder> {
  const url = pathToFileURL(resolve('zstddec/stream'));
  generation += 1;
  url.search = `?${generation}`;
  const module = (await import(url.href)) as typeof import('zstddec/stream');
  const started = new module.ZSTDDecoder();
  await started.init();
  return started;
}

function zstdDecoder(): Promise<ZSTDDecoder> {
  decoder ??= startDecoder();
  return decoder;
}

/** Frames in a row; stops as soon as the output grows beyond `limits.decodedBytes`. Checksums are verified. */
export async function unzstd(content: Uint8Array, limits: IntakeLimits): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  let idle = 0;
  let isFinished = false;
  try {
    for (const part of (await zstdDecoder()).decodeStreaming(chunks(content))) {
      length += part.length;
      if (length > limits.decodedBytes) throw beyondLimit('it decompresses to more bytes than', 'decodedBytes', limits);
      // The decoder repeats a step that failed for ever. One that works takes or gives at least a byte.
      idle = part.length === 0 ? idle + 1 : 0;
      if (idle > CHUNK_BYTES) throw new Error('its compressed data is corrupt');
      if (part.length > 0) parts.push(part);
    }
    isFinished = true;
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('Incomplete stream')) {
      isFinished = true;
      throw new Error('its compressed data is corrupt, or its end is missing', { cause: error });
    }
    throw error;
  } finally {
    if (!isFinished) abandon();
  }
  return Buffer.concat(parts, length);
}

function abandon(): void {
  abandoned += 1;
  if (abandoned % ABANDONED_PER_DECODER === 0) decoder = undefined;
}

function* chunks(content: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < content.length; start += CHUNK_BYTES) yield content.subarray(start, start + CHUNK_BYTES);
}

/** For buffers whose size is known and not 0: returns a decoder of one frame into `length` bytes. */
export async function zstdFrameDecoder(): Promise<(frame: Uint8Array, length: number) => Uint8Array> {
  const started = await zstdDecoder();
  return (frame, length) => {
    if (frame.length + length > MOST_AT_ONCE) throw new Error('a compressed buffer is larger than 1 GiB');
    const decoded = started.decode(frame, length);
    if (decoded.length !== length) throw new Error('a compressed buffer is corrupt');
    return decoded;
  };
}
