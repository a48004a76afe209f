/** Memory that waits for its next use. */
const spare: Buffer[] = [];
const MOST_SPARE = 4;
/** What is larger is given back to the system. */
const MOST_SPARE_BYTES = 2 ** 24;
/** Results of shards of like size differ a little in length. */
const LEAST_BYTES = 2 ** 22;

/**
 * Has `use` so many bytes of memory until it is done, which are used again and again: buffers that come and go by the
 * megabyte have all that a process holds looked through for garbage, for each of them. At first it holds what it last held.
 */
export async function withMemory<T>(bytes: number, use: (memory: Buffer) => Promise<T>): Promise<T> {
  const place = spare.findIndex(({ length }) => length >= bytes);
  const [found] = place === -1 ? [] : spare.splice(place, 1);
  const memory = found ?? Buffer.allocUnsafeSlow(Math.max(bytes, LEAST_BYTES));
  const result = await use(memory.subarray(0, bytes));
  // Not after a failure: a connection may still be sending it.
  if (memory.length <= MOST_SPARE_BYTES) {
    if (spare.length === MOST_SPARE) spare.shift();
    spare.push(memory);
  }
  return result;
}
