import { gzipSync } from 'node:zlib';
import { CompressionType, compressionRegistry, tableFromArrays, tableToIPC } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { decodeLz4Frame } from '../../src/intake/codecs/lz4-frame.js';
import { parseShard } from '../../src/intake/index.js';
import { defaultLimits } from '../../src/intake/limits.js';
import { columnOf, lz4Run, parquetFile, pinned, zstdFrame, zstdRun } from './fixtures.js';

const CSV = `id,text\n${Array.from({ length: 40 }, (_, row) => `${row},row ${row % 7}\n`).join('')}`;
/** `zstd -19` of that. */
const CSV_ZST = Buffer.from(
  'KLUv/WRmAJ0DAHKGERCw6+C89A1LZdlIStxvhVkHFcAtFs7Ny8nHxX8/jz+mEA8L33YafUwhOUQ+nZmY9WmaYikhHaNC9K/dzCJwiwVse6kFpAImqBHQ' +
    'uG79DaAVeRBCQT5XTelsHSoYIYIkiPH9sy/dcg7GDAKE6MLnrwKWYhuw',
  'base64',
);
const TABLE = tableFromArrays({ a: Float64Array.from({ length: 50 }, (_, row) => row / 3), b: Array(50).fill('x') });

describe('files compressed as a whole', () => {
  const formats: [string, Uint8Array][] = [
    ['a.csv', Buffer.from(CSV)],
    ['a.jsonl', Buffer.from('{"a":1}\n{"a":2}\n')],
    ['a.arrow', tableToIPC(TABLE, 'file')],
    ['a.arrows', tableToIPC(TABLE, 'stream')],
    ['a.parquet', parquetFile(TABLE)],
  ];

  it.each(formats)('reads %s within gzip and zstd as without', async (path, content) => {
    const plain = await parseShard(pinned(content, path));
    for (const [ending, packed] of [
      ['gz', gzipSync(content)],
      ['zst', zstdFrame(content)],
    ] as const) {
      const table = await parseShard(pinned(packed, `${path}.${ending}`));
      expect(table.toArray().map(String)).toEqual(plain.toArray().map(String));
    }
  });

  it('reads what the zstd program writes, and frames in a row', async () => {
    const table = await parseShard(pinned(CSV_ZST, 'a.csv.zst'));
    expect(columnOf(table, 'text').slice(38)).toEqual(['row 3', 'row 4']);
    const skippable = Buffer.from('502a4d1803000000010203', 'hex');
    const frames = Buffer.concat([skippable, zstdFrame(Buffer.from('a,b\n1,')), zstdFrame(Buffer.from('2\n'))]);
    expect(columnOf(await parseShard(pinned(frames)), 'b')).toEqual([2]);
  });

  it('goes by the content where the ending says nothing of it', async () => {
    for (const path of ['a', 'a.csv', 'a.csv.gz', 'a.data', 'a.txt.gz', 'a.json']) {
      expect((await parseShard(pinned(gzipSync(CSV), path))).numRows).toBe(40);
    }
    expect((await parseShard(pinned(CSV, 'a.csv.gz'))).numRows).toBe(40);
  });

  it.each([
    ['cut gzip', gzipSync(CSV).subarray(0, 60), 'gzip: unexpected end of file'],
    ['corrupt gzip', corrupted(gzipSync(CSV), 100), 'gzip: '],
    ['cut zstd', CSV_ZST.subarray(0, 60), 'zstd: its compressed data is corrupt, or its end is missing'],
    ['corrupt zstd', corrupted(CSV_ZST, 100), 'zstd: its compressed data is corrupt'],
    ['text after zstd', Buffer.concat([CSV_ZST, Buffer.from('and more')]), 'zstd: its compressed data is corrupt'],
    ['gzip in gzip', gzipSync(gzipSync(CSV)), 'gzip: it holds gzip again'],
    ['nothing in gzip', gzipSync(''), 'a table: the file is empty'],
    ['foreign content in gzip', gzipSync('<html>'), 'is neither Parquet'],
  ])('refuses %s', async (_, content, detail) => {
    await expect(parseShard(pinned(content, 'a'))).rejects.toMatchObject({
      name: 'BadInput',
      message: expect.stringContaining(detail),
    });
  });

  it('reads the next file after any number of corrupt ones', async () => {
    for (let at = 0; at < 20; at++) {
      await expect(parseShard(pinned(corrupted(CSV_ZST, 60 + at), 'a'))).rejects.toThrow();
      expect((await parseShard(pinned(CSV_ZST, 'a'))).numRows).toBe(40);
    }
  });

  it.each([
    ['gzip', gzipSync(Buffer.alloc(2 ** 22))],
    ['zstd', zstdRun(2 ** 22)],
  ])('stops a %s bomb before it is unpacked', async (_, content) => {
    const limits = { ...defaultLimits, decodedBytes: 2 ** 20 };
    await expect(parseShard(pinned(content, 'a'), limits)).rejects.toMatchObject({
      code: 'SHARD_UNREADABLE',
      message: expect.stringMatching(/decompresses to more bytes than 1048576 \(limits\.decodedBytes\): write smaller/),
    });
  });
});

function corrupted(content: Uint8Array, at: number): Buffer {
  const copy = Buffer.from(content);
  copy[at] = (copy[at] ?? 0) ^ 0x55;
  return copy;
}

describe('Arrow IPC with compressed buffers', () => {
  const zeros = tableFromArrays({ a: new Float64Array(500), b: new Int32Array(500) });
  const codecs = [
    ['ZSTD', CompressionType.ZSTD, zstdRun],
    ['LZ4', CompressionType.LZ4_FRAME, lz4Run],
  ] as const;

  function compressed(type: CompressionType, encodeRun: (length: number) => Uint8Array, format: 'file' | 'stream') {
    compressionRegistry.set(type, { encode: ({ length }) => encodeRun(Math.max(32, length)) });
    const content = Buffer.from(tableToIPC(zeros, format, type));
    // The writer puts the size of the frame there; the size of what it decodes to is what the format asks for.
    for (const length of [4000, 2000]) content.writeBigInt64LE(BigInt(length), content.indexOf(encodeRun(length)) - 8);
    return content;
  }

  it.each(codecs)('is read with %s', async (_, type, encodeRun) => {
    for (const format of ['file', 'stream'] as const) {
      const content = compressed(type, encodeRun, format);
      expect(content.length).toBeLessThan(2000);
      const table = await parseShard(pinned(content));
      expect(columnOf(table, 'a')).toEqual(columnOf(zeros, 'a'));
      expect(columnOf(table, 'b')).toEqual(columnOf(zeros, 'b'));
    }
  });

  it.each(codecs)(
    'is refused where %s buffers promise too much, or other than they hold',
    async (_, type, encodeRun) => {
      const content = compressed(type, encodeRun, 'file');
      const at = content.indexOf(encodeRun(4000)) - 8;
      for (const [size, detail] of [
        [2n ** 40n, 'it decodes to more bytes than'],
        [3999n, 'a compressed buffer'],
        [4001n, 'a compressed buffer'],
        [0n, 'needs 500 values, but its buffer holds 0'],
        [-5n, 'promises -5 bytes'],
      ] as const) {
        content.writeBigInt64LE(size, at);
        await expect(parseShard(pinned(content))).rejects.toThrow(detail);
      }
    },
  );
});

describe('LZ4 frames', () => {
  /** `lz4 -9 -BD -B4 --content-size` of 'abcdefg', 20,000 times: three blocks, each going on from the one before. */
  const frame = Buffer.from(
    `BCJNGExA4CICAAAAAAD9EQEAAH9hYmNkZWZnBwD${'/'.repeat(341)}4VBlZmdhYgoBAAAPBwD${'/'.repeat(341)}6FBnYWJjZCwAAAAPBwD${'/'.repeat(45)}6lBjZGVmZwAAAADHmYv4`,
    'base64',
  );
  const text = 'abcdefg'.repeat(20_000);

  it('are decoded over linked blocks', () => {
    expect(Buffer.from(decodeLz4Frame(frame, text.length)).toString()).toBe(text);
  });

  it('give the promised number of bytes or an error, however they are cut or changed', () => {
    for (let at = 0; at < frame.length; at += at < 40 ? 1 : 7) {
      expect(() => decodeLz4Frame(frame.subarray(0, Math.min(at, frame.length - 8)), text.length)).toThrow();
      for (const bits of [0x01, 0x80, 0xff]) {
        const content = Buffer.from(frame);
        content[at] = (content[at] ?? 0) ^ bits;
        try {
          expect(decodeLz4Frame(content, text.length).length).toBe(text.length);
        } catch (error) {
          expect(String(error)).toContain('a compressed buffer');
        }
      }
    }
  });
});
