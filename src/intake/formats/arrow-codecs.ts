import { CompressionType, compressionRegistry } from 'apache-arrow';
import { decodeLz4Frame } from '../codecs/lz4-frame.js';
import { zstdFrameDecoder } from '../codecs/zstd.js';
import { assertDecoded, type IntakeLimits } from '../limits.js';

type Decode = (frame: Uint8Array, length: number) => Uint8Array;

/** A buffer's decoded size stands before it. */
const PREFIX_BYTES = 8;

/** Returns a runner within which the Arrow reader decodes compressed buffers, up to `limits.decodedBytes` in all. */
export async function withArrowCodecs(limits: IntakeLimits): Promise<<T>(read: () => T) => T> {
  const decodeZstd = await zstdFrameDecoder();
  return (read) => {
    let decoded = 0;
    const bounded = (decode: Decode) => ({
      decode: (frame: Uint8Array): Uint8Array => {
        const length = claimedLength(frame);
        decoded += length;
        assertDecoded(decoded, limits);
        // Some writers put no frame at all behind the size of an empty buffer.
        return length === 0 ? new Uint8Array(0) : decode(frame, length);
      },
    });
    compressionRegistry.set(CompressionType.LZ4_FRAME, bounded(decodeLz4Frame));
    compressionRegistry.set(CompressionType.ZSTD, bounded(decodeZstd));
    return read();
  };
}

/** The library hands over the view behind the prefix only. */
function claimedLength({ buffer, byteOffset }: Uint8Array): number {
  const length = new DataView(buffer, byteOffset - PREFIX_BYTES, PREFIX_BYTES).getBigInt64(0, true);
  if (length < 0n) throw new Error(`a compressed buffer promises ${length} bytes`);
  return Number(length);
}
