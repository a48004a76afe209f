import { Endianness } from 'apache-arrow/fb/endianness';
import { Message } from 'apache-arrow/fb/message';
import { MessageHeader } from 'apache-arrow/fb/message-header';
import { Schema } from 'apache-arrow/fb/schema';
import { ByteBuffer } from 'flatbuffers';

/** Continuation mark and length of the metadata. */
const PREFIX_BYTES = 8;
const CONTINUATION = -1;
const ALIGNMENT = 8;

/** The first message of a stream: its mark, and a length that is a multiple of eight. */
export function looksLikeStream(content: Uint8Array): boolean {
  if (content.length < PREFIX_BYTES) return false;
  const { continuation, length } = prefixAt(content, 0);
  return continuation === CONTINUATION && length >= 0 && length % ALIGNMENT === 0;
}

/**
 * Where record batches begin. The reader would take a stream that breaks off between two messages for a whole one, and
 * go on with another schema in its middle.
 */
export function streamBatches(content: Uint8Array): readonly number[] {
  const batches: number[] = [];
  let at = 0;
  for (let index = 0; ; index++) {
    if (at + PREFIX_BYTES > content.length) throw new Error('its end mark is not there, so part of it is missing');
    const { continuation, length } = prefixAt(content, at);
    if (continuation !== CONTINUATION) throw new Error(`no message begins at byte ${at}`);
    if (length === 0) break;
    const body = at + PREFIX_BYTES + length;
    if (length < 0 || body > content.length) throw new Error(`a message that begins at byte ${at} is cut off`);
    const message = Message.getRootAsMessage(new ByteBuffer(content.subarray(at + PREFIX_BYTES, body)));
    assertPlace(message, index, at);
    if (message.headerType() === MessageHeader.RecordBatch) batches.push(at);
    const bodyBytes = Number(message.bodyLength());
    if (bodyBytes < 0 || body + bodyBytes > content.length) {
      throw new Error(`the data of a message that begins at byte ${at} is cut off`);
    }
    at = body + bodyBytes;
  }
  const rest = content.length - at - PREFIX_BYTES;
  if (rest > 0) throw new Error(`${rest} bytes follow its end mark`);
  return batches;
}

function prefixAt(content: Uint8Array, at: number): { continuation: number; length: number } {
  const view = new DataView(content.buffer, content.byteOffset + at, PREFIX_BYTES);
  return { continuation: view.getInt32(0, true), length: view.getInt32(4, true) };
}

function assertPlace(message: Message, index: number, at: number): void {
  const isSchema = message.headerType() === MessageHeader.Schema;
  if (isSchema !== (index === 0)) {
    throw new Error(isSchema ? `a second schema begins at byte ${at}` : 'it does not begin with a schema');
  }
  if (isSchema && (message.header(new Schema()) as Schema | null)?.endianness() === Endianness.Big) {
    throw new Error('its numbers are big-endian: write it on a little-endian machine');
  }
}
