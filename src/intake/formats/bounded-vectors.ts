import { ByteBuffer } from 'flatbuffers';

/**
 * Runs `read` with a check that the Arrow library leaves out: one wrong byte in a vector's length makes it build
 * billions of objects, and the process die for want of memory. No vector has more elements than its buffer has bytes.
 */
export function withBoundedVectors<T>(read: () => T): T {
  const { __vector_len: unbounded } = ByteBuffer.prototype;
  ByteBuffer.prototype.__vector_len = function bounded(this: ByteBuffer, offset: number): number {
    const length = unbounded.call(this, offset);
    if (length < 0 || length > this.capacity()) throw new Error(`its metadata claims a list of ${length} entries`);
    return length;
  };
  try {
    return read();
  } finally {
    ByteBuffer.prototype.__vector_len = unbounded;
  }
}
