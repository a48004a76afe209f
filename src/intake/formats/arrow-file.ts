import { Endianness } from 'apache-arrow/fb/endianness';
import { Footer } from 'apache-arrow/fb/footer';
import { ByteBuffer } from 'flatbuffers';
import { endsWith, startsWith } from './format.js';

const MAGIC = 'ARROW1';
/** Magic and padding before the first message; after the last, the footer's length and the magic again. */
const HEAD_BYTES = 8;
const TAIL_BYTES = 4 + MAGIC.length;

export function hasFileMagic(content: Uint8Array): boolean {
  return startsWith(content, MAGIC);
}

/** Where the footer says that record batches begin. @throws Error where it cannot be right */
export function fileBatches(content: Uint8Array): readonly number[] {
  const footer = readFooter(content);
  if (footer.schema()?.endianness() === Endianness.Big) {
    throw new Error('its numbers are big-endian: write it on a little-endian machine');
  }
  const offsets: number[] = [];
  for (let index = 0; index < footer.recordBatchesLength(); index++) {
    const offset = Number(footer.recordBatches(index)?.offset() ?? -1);
    const isInside = offset >= HEAD_BYTES && offset < content.length;
    if (!isInside) throw new Error(`its footer names a record batch at byte ${offset} that is not there`);
    offsets.push(offset);
  }
  // A small file could otherwise promise millions of batches.
  if (new Set(offsets).size < offsets.length) throw new Error('its footer names a record batch twice');
  return offsets;
}

function readFooter(content: Uint8Array): Footer {
  if (content.length < HEAD_BYTES + TAIL_BYTES || !endsWith(content, MAGIC)) {
    throw new Error('it does not end in an Arrow footer, so part of it is missing');
  }
  const at = content.length - TAIL_BYTES;
  const length = new DataView(content.buffer, content.byteOffset).getInt32(at, true);
  if (length <= 0 || length > at - HEAD_BYTES) throw new Error(`its footer cannot be ${length} bytes long`);
  return Footer.getRootAsFooter(new ByteBuffer(content.subarray(at - length, at)));
}
