import { gzipSync } from 'node:zlib';
import {
  CompressionType,
  compressionRegistry,
  Field,
  FixedSizeList,
  Float32,
  Int32,
  makeData,
  Table,
  tableFromArrays,
  tableToIPC,
  Utf8View,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import fc from 'fast-check';
import { Compression } from 'parquet-wasm';
import { describe, expect, it } from 'vitest';
import { BadInput } from '../../src/errors.js';
import { assertWithinBuffers } from '../../src/intake/formats/arrow-buffers.js';
import { parseShard } from '../../src/intake/index.js';
import { columnOf, lz4Run, parquetFile, pinned, zstdFrame, zstdRun } from './fixtures.js';

const ROWS = 12;
const every = <T>(value: (row: number) => T): T[] => Array.from({ length: ROWS }, (_, row) => value(row));

const TABLE = new Table({
  number: vectorFromArray(every((row) => row / 7)),
  whole: vectorFromArray(
    every((row) => row),
    new Int32(),
  ),
  category: vectorFromArray(every((row) => (row % 5 ? `c${row % 3}` : null))),
  vector: new Vector([
    makeData({
      type: new FixedSizeList(2, new Field('item', new Float32(), true)),
      length: ROWS,
      nullCount: 0,
      child: makeData({ type: new Float32(), data: Float32Array.from(every((row) => [row, -row]).flat()) }),
    }),
  ]),
});

function compressedArrow(type: CompressionType, run: (length: number) => Uint8Array): Uint8Array {
  compressionRegistry.set(type, { encode: ({ length }) => run(Math.max(32, length)) });
  const zeros = tableFromArrays({ a: new Float64Array(20), b: new Int32Array(40).subarray(0, 20) });
  const content = Buffer.from(tableToIPC(zeros, 'file', type));
  for (const length of [160, 80]) content.writeBigInt64LE(BigInt(length), content.indexOf(run(length)) - 8);
  return content;
}

const csv = Buffer.from(`a,b\n${every((row) => `${row},"text ${row}"\n`).join('')}`);
const jsonLines = Buffer.from(
  every((row) => `${JSON.stringify({ a: row, b: { c: [`é${row}`] }, v: [row, 1] })}\n`).join(''),
);

/** A small whole file of every format and compression. */
const FILES: readonly [name: string, content: Uint8Array][] = [
  ['plain Parquet', parquetFile(TABLE, Compression.UNCOMPRESSED, 5)],
  ['snappy Parquet', parquetFile(TABLE, Compression.SNAPPY)],
  ['zstd Parquet', parquetFile(TABLE, Compression.ZSTD)],
  ['Arrow IPC', tableToIPC(TABLE, 'file')],
  ['Arrow IPC stream', tableToIPC(TABLE, 'stream')],
  ['Arrow IPC with zstd', compressedArrow(CompressionType.ZSTD, zstdRun)],
  ['Arrow IPC with LZ4', compressedArrow(CompressionType.LZ4_FRAME, lz4Run)],
  ['CSV', csv],
  ['JSON Lines', jsonLines],
  ['gzip', gzipSync(jsonLines)],
  ['zstd', zstdFrame(tableToIPC(TABLE, 'stream'))],
];

type Change = (content: Buffer) => Buffer;

const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const at = (content: Uint8Array, where: number) => Math.floor(where * content.length);

const flip = fc.tuple(place, fc.integer({ min: 1, max: 255 })).map(
  ([where, bits]): Change =>
    (content) => {
      content[at(content, where)]! ^= bits;
      return content;
    },
);
const extreme = fc.tuple(place, fc.constantFrom(0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1)).map(
  ([where, value]): Change =>
    (content) => {
      content.writeUInt32LE(value, Math.min(at(content, where) & ~3, content.length - 4));
      return content;
    },
);
const cut = place.map(
  (where): Change =>
    (content) =>
      content.subarray(0, at(content, where)),
);
const splice = fc.tuple(place, place, place).map(
  ([from, to, where]): Change =>
    (content) => {
      const piece = content.subarray(at(content, Math.min(from, to)), at(content, Math.max(from, to)));
      return Buffer.concat([content.subarray(0, at(content, where)), piece, content.subarray(at(content, where))]);
    },
);
const changes = fc.array(fc.oneof({ weight: 4, arbitrary: flip }, { weight: 4, arbitrary: extreme }, cut, splice), {
  minLength: 1,
  maxLength: 3,
});

describe('a broken file', () => {
  it.each(FILES)('of %s is refused or read as a valid table', async (_, content) => {
    const { numRows } = await parseShard(pinned(content));
    expect(numRows).toBeGreaterThan(0);
    await fc.assert(
      fc.asyncProperty(changes, async (made) => {
        const broken = made.reduce<Buffer>(
          (bytes, change) => (bytes.length < 8 ? bytes : change(bytes)),
          Buffer.from(content),
        );
        const outcome = await parseShard(pinned(broken)).catch((error: unknown) => error);
        if (outcome instanceof Table) {
          for (const { data } of outcome.batches) assertWithinBuffers(data);
          for (const { name } of outcome.schema.fields) columnOf(outcome, name).map(String);
        } else {
          expect(outcome).toBeInstanceOf(BadInput);
        }
      }),
      { numRuns: 200 },
    );
    expect((await parseShard(pinned(content))).numRows).toBe(numRows);
  });
});

it('reads texts that are views', async () => {
  const texts = ['short', null, 'a text of more than twelve bytes, é'];
  const table = new Table({ t: vectorFromArray(texts, new Utf8View()) });
  expect(columnOf(await parseShard(pinned(tableToIPC(table, 'file'))), 't')).toEqual(texts);
});
