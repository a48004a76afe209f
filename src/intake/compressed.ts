import { gunzip } from './codecs/gzip.js';
import { unzstd } from './codecs/zstd.js';
import type { IntakeLimits } from './limits.js';

/** A way in which whole files are compressed, whatever their format. */
interface Compression {
  /** As users write it. */
  readonly name: string;
  readonly recognises: (content: Uint8Array) => boolean;
  /** @throws Error that says what is wrong with the content, or that it is beyond `limits.decodedBytes` */
  readonly decompress: (content: Uint8Array, limits: IntakeLimits) => Uint8Array | Promise<Uint8Array>;
}

const compressions: readonly Compression[] = [
  { name: 'gzip', recognises: (content) => hasBytes(content, 0x1f, 0x8b), decompress: gunzip },
  { name: 'zstd', recognises: isZstd, decompress: unzstd },
];

/** Undefined when the file is not compressed as a whole. */
export function compressionOf(content: Uint8Array): Compression | undefined {
  return compressions.find(({ recognises }) => recognises(content));
}

/** Parallel compressors put a skippable frame first, whose first byte may have sixteen values. */
function isZstd(content: Uint8Array): boolean {
  const isSkippable = ((content[0] ?? 0) & 0xf0) === 0x50 && hasBytes(content.subarray(1), 0x2a, 0x4d, 0x18);
  return isSkippable || hasBytes(content, 0x28, 0xb5, 0x2f, 0xfd);
}

function hasBytes(content: Uint8Array, ...bytes: number[]): boolean {
  return bytes.every((byte, index) => content[index] === byte);
}
