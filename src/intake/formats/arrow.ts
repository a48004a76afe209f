import { RecordBatchReader, Table, type Vector } from 'apache-arrow';
import { messageOf } from '../../errors.js';
import { assertRows, type IntakeLimits } from '../limits.js';
import { assertWithinBuffers } from './arrow-buffers.js';
import { withArrowCodecs } from './arrow-codecs.js';
import { fileBatches, hasFileMagic } from './arrow-file.js';
import { rowsOfBatch } from './arrow-messages.js';
import { looksLikeStream, streamBatches } from './arrow-stream.js';
import { assertValidText } from './arrow-text.js';
import { withBoundedVectors } from './bounded-vectors.js';
import type { Format } from './format.js';

const endings = ['arrow', 'arrows', 'feather', 'ipc'];

export const arrowFile: Format = {
  name: 'Arrow IPC',
  endings,
  recognises: hasFileMagic,
  parse: (content, limits) => parseArrow(content, limits, fileBatches),
};

export const arrowStream: Format = {
  name: 'Arrow IPC stream',
  endings,
  recognises: looksLikeStream,
  parse: (content, limits) => parseArrow(content, limits, streamBatches),
};

/** Where record batches begin, in bytes. @throws Error where file or stream is not whole */
type FindBatches = (content: Uint8Array) => readonly number[];

async function parseArrow(content: Uint8Array, limits: IntakeLimits, find: FindBatches): Promise<Table> {
  const withCodecs = await withArrowCodecs(limits);
  try {
    return withBoundedVectors(content.length, () => withCodecs(() => readTable(content, limits, find)));
  } catch (error) {
    throw inPlainWords(error);
  }
}

function readTable(content: Uint8Array, limits: IntakeLimits, find: FindBatches): Table {
  const promised = find(content);
  const reader = RecordBatchReader.from(content).open();
  let rows = 0;
  for (const at of promised) {
    rows += rowsOfBatch(content, at, reader.schema);
    assertRows(rows, limits);
  }
  const batches = [...reader];
  // The reader stops in silence at a message that it cannot find, and makes up an empty batch where there is none.
  if (batches.length !== Math.max(1, promised.length)) {
    throw new Error(`it promises ${promised.length} record batches, but only ${batches.length} can be read`);
  }
  const [dictionaries, texts] = [new Set<Vector>(), new Set<Vector>()];
  for (const batch of batches) {
    assertWithinBuffers(batch.data, dictionaries);
    assertValidText(batch, texts);
  }
  return new Table(reader.schema, batches);
}

/** What the library throws when it follows broken metadata says nothing to anybody. */
function inPlainWords(error: unknown): unknown {
  const message = messageOf(error);
  const [, unknownType] = /^Unrecognized type: "(\w+)"/.exec(message) ?? [];
  if (unknownType) return new Error(`columns of type ${unknownType} cannot be read: leave them out`, { cause: error });
  const isInternal = error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;
  return isInternal ? new Error('its metadata is corrupt', { cause: error }) : error;
}
