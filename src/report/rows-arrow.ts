import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import {
  Bool,
  type Data,
  Dictionary,
  Field,
  Float64,
  Int32,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  Uint32,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';
import { Bug } from '../errors.js';
import type { ShardMarks } from '../mark/types.js';
import { digested } from '../store/index.js';

// Without a fixed id apache-arrow counts dictionaries per process, and equal outcomes would give other bytes.
const shardType = new Dictionary(new Utf8(), new Int32(), 0);

/** One bit per row, least significant first. */
function packBits(length: number, isSet: (row: number) => boolean): Uint8Array {
  const bits = new Uint8Array(Math.ceil(length / 8));
  for (let row = 0; row < length; row++) {
    if (isSet(row)) bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7));
  }
  return bits;
}

function nullableFloats(values: Float64Array): Data<Float64> {
  const nullCount = values.reduce((count, value) => count + (Number.isNaN(value) ? 1 : 0), 0);
  const nullBitmap = packBits(values.length, (row) => !Number.isNaN(values[row]));
  return makeData({ type: new Float64(), length: values.length, data: values, nullCount, nullBitmap });
}

function bools(values: Uint8Array): Data<Bool> {
  const data = packBits(values.length, (row) => values[row] !== 0);
  return makeData({ type: new Bool(), length: values.length, data, nullCount: 0 });
}

/** Nearly all are null, and take nothing but a place: a builder would look at each. */
function texts(values: readonly (string | null)[]): Data<Utf8> {
  const pieces: Buffer[] = [];
  const valueOffsets = new Int32Array(values.length + 1);
  let bytes = 0;
  values.forEach((value, row) => {
    if (value !== null) {
      const piece = Buffer.from(value);
      pieces.push(piece);
      bytes += piece.length;
    }
    valueOffsets[row + 1] = bytes;
  });
  const nullCount = values.length - pieces.length;
  const nullBitmap = packBits(values.length, (row) => values[row] !== null);
  const data = Buffer.concat(pieces);
  return makeData({ type: new Utf8(), length: values.length, valueOffsets, data, nullCount, nullBitmap });
}

/** What rows.arrow is to hold, known before its first row. */
export interface RowsLayout {
  /** Paths of all readable shards, in the order in which they come. */
  readonly paths: readonly string[];
  /** Kinds of the detectors that have columns. */
  readonly kinds: readonly string[];
}

/** `label-flip` → `label_flip`. */
function columnStems(kinds: readonly string[]): ReadonlyMap<string, string> {
  return new Map([...kinds].sort().map((name) => [name, name.replaceAll('-', '_')]));
}

function schemaOf(stems: ReadonlyMap<string, string>): Schema {
  const scores = [...stems.values()].flatMap((stem) => [`${stem}_score`, `${stem}_p`]);
  return new Schema([
    new Field('shard', shardType, false),
    new Field('row', new Uint32(), false),
    ...scores.map((name) => new Field(name, new Float64(), true)),
    new Field('suspicion', new Float64(), false),
    new Field('suspect', new Bool(), false),
    new Field('withhold', new Bool(), false),
    new Field('reason', new Utf8(), true),
  ]);
}

function detectorColumns(marks: ShardMarks, detectors: Iterable<string>): Data[] {
  const notJudged = new Float64Array(marks.rows).fill(Number.NaN);
  return [...detectors].flatMap((name) => {
    const judged = marks.detectors.get(name);
    return [nullableFloats(judged?.anomalyScore ?? notJudged), nullableFloats(judged?.pValue ?? notJudged)];
  });
}

function toBatch(marks: ShardMarks, schema: Schema, detectors: Iterable<string>, paths: Vector<Utf8>, code: number) {
  const length = marks.rows;
  const children: Data[] = [
    makeData({ type: shardType, length, data: new Int32Array(length).fill(code), nullCount: 0, dictionary: paths }),
    makeData({ type: new Uint32(), length, data: Uint32Array.from({ length }, (_, row) => row), nullCount: 0 }),
    ...detectorColumns(marks, detectors),
    makeData({ type: new Float64(), length, data: marks.suspicion, nullCount: 0 }),
    bools(marks.suspect),
    bools(marks.withhold),
    texts(marks.reason),
  ];
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }));
}

export interface RowsWriter {
  /** The next shard of the layout. */
  write(marks: ShardMarks): Promise<void>;
  /** After the last shard: the file is whole when it resolves, with the SHA-256 of what was written. */
  finish(): Promise<string>;
}

/**
 * Writes an Arrow IPC file of one record batch per shard, as schemas/rows.schema.json says, shard after shard: memory
 * does not grow with their number. Rejects with system errors.
 */
export function openRows(file: string, { paths, kinds }: RowsLayout): RowsWriter {
  const stems = columnStems(kinds);
  const schema = schemaOf(stems);
  const names = vectorFromArray([...paths], new Utf8());
  const codes = new Map(paths.map((path, code) => [path, code]));
  const writer = new RecordBatchFileWriter();
  writer.reset(undefined, schema);
  const { chunks, sha256 } = digested(writer as AsyncIterable<Uint8Array>);
  const written = pipeline(chunks, createWriteStream(file));
  let failure: unknown;
  written.catch((error: unknown) => {
    failure = error;
  });
  const orFileFailure = async (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      // A file that fails closes the writer first, and says why it has failed when it is closed itself.
      await written;
      throw error;
    }
  };
  return {
    write: async (shard) => {
      const code = codes.get(shard.shard);
      if (code === undefined) throw new Bug(`shard ${shard.shard} has no place in rows.arrow`);
      await orFileFailure(() => writer.write(toBatch(shard, schema, stems.keys(), names, code)));
      // Lets the file take what is queued, or say that it cannot.
      await setImmediate();
      if (failure !== undefined) throw failure;
    },
    finish: async () => {
      await orFileFailure(() => writer.finish());
      await written;
      return sha256();
    },
  };
}
