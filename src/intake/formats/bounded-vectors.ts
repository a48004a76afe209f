import { ByteBuffer } from 'flatbuffers';

/** Reading asks for a length about once for each two bytes of metadata, and for a few more in a small file. */
const LENGTHS_PER_BYTE = 2;
const LENGTHS_ALWAYS = 1_000_000;

/**
 * Runs `read` with checks that the Arrow library leaves out. One wrong byte in a vector's length makes it build
 * billions of objects, and the process die for want of memory: no vector has more elements than its buffer has bytes.
 * And parts of the metadata may refer to one part many times, at each level again: no content has more lengths to ask
 * for than it has bytes for.
 */
export function withBoundedVectors<T>(contentBytes: number, read: () => T): T {
  const { __vector_len: unbounded } = ByteBuffer.prototype;
  let left = LENGTHS_ALWAYS + LENGTHS_PER_BYTE * contentBytes;
  ByteBuffer.prototype.__vector_len = function bounded(this: ByteBuffer, offset: number): number {
    const length = unbounded.call(this, offset);
    if (length < 0 || length > this.capacity()) throw new Error(`its metadata claims a list of ${length} entries`);
    left -= 1;
    if (left < 0) throw new Error('its metadata refers to itself over and over');
    return length;
  };
  try {
    return read();
  } finally {
    ByteBuffer.prototype.__vector_len = unbounded;
  }
}
