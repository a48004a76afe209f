import { DataType, MessageHeader, MessageReader, RecordBatchReader, type Schema, Table } from 'apache-arrow';
import { assertWithinBuffers } from './arrow-buffers.js';
import { withBoundedVectors } from './bounded-vectors.js';
import { endsWith, type Format, startsWith } from './format.js';

const MAGIC = 'ARROW1';
/** Magic and padding before the first message; after the last, the footer's length and the magic again. */
const HEAD_BYTES = 8;
const TAIL_BYTES = 4 + MAGIC.length;
const COMPRESSED = 'its buffers are compressed (as Feather files are by default): write it uncompressed, or as Parquet';

export const arrowFile: Format = {
  name: 'Arrow IPC',
  recognises: (content) => startsWith(content, MAGIC),
  parse: async (content) => {
    try {
      return withBoundedVectors(() => parseArrowFile(content));
    } catch (error) {
      // The Arrow library brings no decompressor, and only says that a codec is missing.
      throw /codec not found/.test(String(error)) ? new Error(COMPRESSED, { cause: error }) : error;
    }
  },
};

function parseArrowFile(content: Uint8Array): Table {
  assertFooter(content);
  const reader = RecordBatchReader.from(content).open();
  for (const block of reader.footer?.recordBatches() ?? []) assertEvenColumns(content, block.offset, reader.schema);
  const batches = [...reader];
  // The reader stops in silence at a message that it cannot find, and makes up an empty batch where there is none.
  if (batches.length !== Math.max(1, reader.numRecordBatches)) {
    throw new Error(
      `its footer promises ${reader.numRecordBatches} record batches, but only ${batches.length} can be read`,
    );
  }
  for (const batch of batches) assertWithinBuffers(batch.data);
  return new Table(reader.schema, batches);
}

function assertFooter(content: Uint8Array): void {
  if (content.length < HEAD_BYTES + TAIL_BYTES || !endsWith(content, MAGIC)) {
    throw new Error('it does not end in an Arrow footer, so part of it is missing');
  }
  const at = content.length - TAIL_BYTES;
  const length = new DataView(content.buffer, content.byteOffset).getInt32(at, true);
  if (length <= 0 || length > at - HEAD_BYTES) throw new Error(`its footer cannot be ${length} bytes long`);
}

/** The reader would fill short columns up with nulls, and cut long ones. */
function assertEvenColumns(content: Uint8Array, offset: number, schema: Schema): void {
  const inside = offset >= HEAD_BYTES && offset < content.length;
  const message = inside ? new MessageReader(content.subarray(offset)).readMessage(MessageHeader.RecordBatch) : null;
  if (!message) throw new Error(`its footer names a record batch at byte ${offset} that is not there`);
  const { length, nodes } = message.header();
  let node = 0;
  for (const { name, type } of schema.fields) {
    const rows = nodes[node]?.length ?? 0;
    if (rows !== length) throw new Error(`column ${name} has ${rows} rows in a record batch of ${length}`);
    node += nodesOf(type);
  }
}

/** A column has a node of its own and one for each part; a dictionary's parts lie in its own message. */
function nodesOf(type: DataType): number {
  if (DataType.isDictionary(type)) return 1;
  return (type.children ?? []).reduce((sum, child) => sum + nodesOf(child.type), 1);
}
