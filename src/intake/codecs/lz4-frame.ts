/**
 * Decodes one LZ4 frame into exactly `length` bytes: no reading or writing outside, no output beyond `length`. Checksums
 * are skipped (Arrow writers leave them out).
 * Written here because the packages for it either trust their input or keep a context that one bad frame spoils.
 * Source: LZ4 frame format 1.6.4, LZ4 block format.
 */
export function decodeLz4Frame(frame: Uint8Array, length: number): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const flags = frame[4] ?? 0;
  if (frame.length < 7 || view.getUint32(0, true) !== MAGIC || flags >> 6 !== 1) throw corrupt('has no header');
  if ((flags & HAS_DICTIONARY) !== 0) throw corrupt('needs a dictionary that is not there');
  const target = new Uint8Array(length);
  let at = 7 + ((flags & HAS_CONTENT_SIZE) === 0 ? 0 : 8);
  let written = 0;
  for (;;) {
    if (at + 4 > frame.length) throw corrupt('lacks its end');
    const mark = view.getUint32(at, true);
    at += 4;
    if (mark === 0) break;
    const end = at + (mark & SIZE_BITS);
    if (end > frame.length) throw corrupt('lacks its end');
    const block = frame.subarray(at, end);
    written = mark > SIZE_BITS ? copy(block, target, written) : decodeBlock(block, target, written);
    at = end + ((flags & HAS_BLOCK_CHECKSUM) === 0 ? 0 : 4);
  }
  if (written !== length) throw corrupt(`decodes to ${written} bytes, not to the promised ${length}`);
  return target;
}

const MAGIC = 0x184d2204;
const HAS_DICTIONARY = 0x01;
const HAS_CONTENT_SIZE = 0x08;
const HAS_BLOCK_CHECKSUM = 0x10;
/** The highest bit of a block's size marks a block that is not compressed. */
const SIZE_BITS = 0x7fffffff;
const LEAST_MATCH = 4;
/** A length of 15 goes on in the bytes that follow, as long as these are 255. */
const LENGTH_GOES_ON = 15;

function corrupt(what: string): Error {
  return new Error(`a compressed buffer ${what}`);
}

function copy(bytes: Uint8Array, target: Uint8Array, at: number): number {
  if (at + bytes.length > target.length) throw corrupt('decodes to more than it promises');
  target.set(bytes, at);
  return at + bytes.length;
}

/** Matches may reach back into earlier blocks of the frame. */
function decodeBlock(block: Uint8Array, target: Uint8Array, start: number): number {
  let read = 0;
  let written = start;
  const readLength = (first: number): number => {
    let length = first;
    for (let byte = first === LENGTH_GOES_ON ? 255 : 0; byte === 255; length += byte) {
      if (read >= block.length) throw corrupt('lacks part of a block');
      byte = block[read++] ?? 0;
    }
    return length;
  };
  while (read < block.length) {
    const token = block[read++] ?? 0;
    const literals = readLength(token >> 4);
    if (read + literals > block.length) throw corrupt('lacks part of a block');
    written = copy(block.subarray(read, read + literals), target, written);
    read += literals;
    // The last sequence of a block has no match.
    if (read === block.length) break;
    if (read + 2 > block.length) throw corrupt('lacks part of a block');
    const distance = (block[read] ?? 0) | ((block[read + 1] ?? 0) << 8);
    read += 2;
    written = repeat(target, written, distance, readLength(token & 15) + LEAST_MATCH);
  }
  return written;
}

function repeat(target: Uint8Array, at: number, distance: number, length: number): number {
  if (distance === 0 || distance > at) throw corrupt('points before its beginning');
  if (at + length > target.length) throw corrupt('decodes to more than it promises');
  if (distance >= length) target.copyWithin(at, at - distance, at - distance + length);
  else for (let to = at; to < at + length; to++) target[to] = target[to - distance] ?? 0;
  return at + length;
}
