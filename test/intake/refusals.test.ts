import {
  Binary,
  Field,
  Int32,
  LargeUtf8,
  List,
  makeData,
  Null,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableFromArrays,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { Compression } from 'parquet-wasm';
import { describe, expect, it } from 'vitest';
import { parseShard } from '../../src/intake/index.js';
import { defaultLimits, type IntakeLimits } from '../../src/intake/limits.js';
import { columnOf, parquetFile, pinned } from './fixtures.js';

const TABLE = tableFromArrays({ a: Float64Array.from({ length: 300 }, (_, row) => row), b: Array(300).fill('xyz') });

/** The table in every format. */
const FORMATS: [format: string, content: Uint8Array][] = [
  ['Parquet', parquetFile(TABLE)],
  ['Arrow IPC', tableToIPC(TABLE, 'file')],
  ['Arrow IPC stream', tableToIPC(TABLE, 'stream')],
  ['CSV', Buffer.from(`a,b\n${'1,xyz\n'.repeat(300)}`)],
  ['JSON Lines', Buffer.from('{"a":1,"b":"xyz"}\n'.repeat(300))],
];

function refusal(content: Uint8Array, limits: Partial<IntakeLimits> = {}, path = 'a'): Promise<{ message: string }> {
  return parseShard(pinned(content, path), { ...defaultLimits, ...limits }).then(
    ({ numRows }) => ({ message: `read ${numRows} rows` }),
    (error: Error & { code: string }) => {
      expect(error.code).toBe('SHARD_UNREADABLE');
      return error;
    },
  );
}

describe('limits', () => {
  it.each(FORMATS)('%s is read up to its limits and refused beyond', async (_, content) => {
    const exact = { rows: 300, columns: 2, nesting: 0 };
    expect((await refusal(content, exact)).message).toBe('read 300 rows');
    expect((await refusal(content, { rows: 299 })).message).toMatch(
      /it has 300 rows, more than 299 \(limits\.rows\): write smaller shards, or raise this limit in the policy$/,
    );
    expect((await refusal(content, { columns: 1 })).message).toContain(
      'it has 2 columns, more than 1 (limits.columns): leave columns out, or raise this limit in the policy',
    );
  });

  it.each(FORMATS.filter(([format]) => !format.startsWith('Arrow')))(
    '%s that decodes to too much is refused',
    async (_, content) => {
      const { message } = await refusal(content, { decodedBytes: 1000 });
      expect(message).toContain('it decodes to more bytes than 1000 (limits.decodedBytes)');
    },
  );

  it('says of UTF-16 what to write instead', async () => {
    const text = Buffer.from('\ufeffa,b\n1,2\n', 'utf16le');
    for (const content of [text, Buffer.from(text).swap16()]) {
      await expect(parseShard(pinned(content, 'a.csv'))).rejects.toThrow(
        'a.csv: cannot be read as CSV: its text is UTF-16: write it as UTF-8',
      );
    }
  });

  it('refuses columns that are nested too deep', async () => {
    const one = vectorFromArray([[[1]], [[2]]], new List(new Field('x', new List(new Field('y', new Int32())))));
    const content = tableToIPC(new Table({ deep: one }), 'file');
    expect((await refusal(content, { nesting: 2 })).message).toBe('read 2 rows');
    expect((await refusal(content, { nesting: 1 })).message).toContain('column deep is nested deeper than 1');
    expect((await refusal(parquetFile(new Table({ deep: one })), { nesting: 1 })).message).toContain('nested deeper');
    const json = Buffer.from('{"a":[[1]]}');
    expect((await refusal(json, { nesting: 2 })).message).toBe('read 1 rows');
    expect((await refusal(json, { nesting: 1 })).message).toContain('line 1 is nested deeper than 1');
  });

  it('refuses rows that take up no bytes', async () => {
    const table = new Table({ nothing: new Table({ nothing: vectorFromArray([null], new Null()) }).getChildAt(0)! });
    const content = Buffer.from(tableToIPC(table, 'stream'));
    const claimed = Buffer.alloc(8);
    claimed.writeBigInt64LE(1n);
    for (let at = content.indexOf(claimed); at >= 0; at = content.indexOf(claimed, at + 1)) {
      content.writeBigInt64LE(2n ** 50n, at);
    }
    expect((await refusal(content)).message).toContain(`it has ${2 ** 50} rows`);
  });

  it('refuses JSON whose keys are other ones in each line', async () => {
    const lines = Array.from({ length: 3000 }, (_, row) => `{"k${row}":1}`);
    expect((await refusal(Buffer.from(lines.join('\n')), { decodedBytes: 2 ** 20 })).message).toContain(
      'decodes to more',
    );
  });

  it('refuses Parquet whose few bytes stand for many values', async () => {
    const runs = new Table({ same: makeConstant(2_000_000) });
    const content = parquetFile(runs);
    expect(content.length).toBeLessThan(40_000);
    expect((await refusal(content, { decodedBytes: 2 ** 22 })).message).toContain('it decodes to more bytes than');
    const texts = parquetFile(
      new Table({ text: vectorFromArray(Array(20_000).fill('long '.repeat(100)), new Utf8()) }),
    );
    expect(texts.length).toBeLessThan(40_000);
    expect((await refusal(texts, { decodedBytes: 2 ** 22 })).message).toContain('it decodes to more bytes than');
  });
});

function makeConstant(length: number) {
  return tableFromArrays({ same: new Float64Array(length) }).getChild('same')!;
}

describe('content other than the ending promises', () => {
  it.each([
    ['x.parquet', 'a,b\n1,2\n', 'Parquet', 'CSV'],
    ['x.parquet', '<!doctype html>', 'Parquet', 'none of the formats that can be read'],
    ['deep/X.CSV', '{"a":1}', 'CSV', 'JSON Lines'],
    ['x.jsonl.gz', 'a,b\n1,2\n', 'JSON Lines', 'CSV'],
    ['x.feather', 'a,b\n1,2\n', 'Arrow IPC', 'CSV'],
    ['x.csv', 'PAR1', 'CSV', 'Parquet'],
  ])('%s is refused', async (path, content, promised, found) => {
    expect((await refusal(Buffer.from(content), {}, path)).message).toBe(
      `${path}: cannot be read as ${promised}: its ending promises that, but it holds ${found}: write it again or rename it`,
    );
  });

  it.each(['x', 'x.txt', 'x.data', 'x.json', 'x.part-0001', 'folder.parquet/x', 'x.log.gz'])(
    '%s is read',
    async (path) => {
      expect((await refusal(Buffer.from('a,b\n1,2\n'), {}, path)).message).toBe('read 1 rows');
    },
  );
});

describe('encrypted Parquet', () => {
  it.each([
    ['everything', Buffer.from('PARE....PARE')],
    ['the columns, with a readable footer', plaintextFooter()],
  ])('is refused where it hides %s', async (_, content) => {
    expect((await refusal(content)).message).toContain('Parquet: it is encrypted: write it without encryption');
  });
});

/** A footer of one column chunk with crypto_metadata (field 8 of ColumnChunk). Source: parquet.thrift. */
function plaintextFooter(): Buffer {
  const schema = '19 2c 48 01 72 15 02 00 15 02 25 00 18 01 61 00';
  const chunk = '26 08 6c 1c 00 00 00';
  const meta = `15 02 ${schema} 16 02 19 1c 19 1c ${chunk} 16 10 16 02 00 00`.replaceAll(' ', '');
  const footer = Buffer.from(meta, 'hex');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([Buffer.from('PAR1'), footer, length, Buffer.from('PAR1')]);
}

describe('text that is not UTF-8', () => {
  /** Two rows, of which the second is the given bytes, said to be text. */
  function textTable(bytes: Uint8Array, type: Utf8 | LargeUtf8): Table {
    const OffsetArray = type instanceof LargeUtf8 ? BigInt64Array : Int32Array;
    const offsets = [0, 1, 1 + bytes.length];
    const valueOffsets =
      OffsetArray === Int32Array ? Int32Array.from(offsets) : BigInt64Array.from(offsets.map((at) => BigInt(at)));
    const data = Buffer.concat([Buffer.from('x'), bytes]);
    const child = makeData({
      type: new Utf8(),
      length: 2,
      nullCount: 0,
      valueOffsets: valueOffsets as Int32Array,
      data,
    });
    const fields = [new Field('t', type, true)];
    const typed =
      type instanceof LargeUtf8
        ? makeData({ type, length: 2, nullCount: 0, valueOffsets: valueOffsets as BigInt64Array, data })
        : child;
    const struct = makeData({ type: new Struct(fields), length: 2, nullCount: 0, children: [typed] });
    return new Table(new Schema(fields), [new RecordBatch(new Schema(fields), struct)]);
  }

  it.each([
    ['a byte that never occurs', Buffer.from([0xff])],
    ['half a character', Buffer.from([0xc3])],
    ['a surrogate', Buffer.from([0xed, 0xa0, 0x80])],
  ])('is refused: %s', async (_, bytes) => {
    for (const type of [new Utf8(), new LargeUtf8()]) {
      const content = tableToIPC(textTable(bytes, type), 'file');
      expect((await refusal(content)).message).toContain('column t holds text that is not valid UTF-8');
    }
    const marked = parquetFile(textTable(Buffer.alloc(bytes.length, 'Q'), new Utf8()), Compression.UNCOMPRESSED);
    const parquet = Buffer.from(
      Buffer.from(marked).toString('latin1').replaceAll('Q'.repeat(bytes.length), bytes.toString('latin1')),
      'latin1',
    );
    expect((await refusal(parquet)).message).toMatch(/utf-?8/i);
  });

  it('is refused where a character is cut in two', async () => {
    const table = textTable(Buffer.from('é'), new Utf8());
    table.batches[0]!.data.children[0]!.valueOffsets[1] = 2;
    expect((await refusal(tableToIPC(table, 'file'))).message).toContain('not valid UTF-8');
  });

  it('is refused in dictionaries, and allowed in binary columns', async () => {
    const dictionary = new Table({ t: vectorFromArray(['x', 'y', 'x']) });
    const content = Buffer.from(tableToIPC(dictionary, 'stream'));
    content[content.indexOf('xy')] = 0xff;
    expect((await refusal(content)).message).toContain('column t holds text that is not valid UTF-8');
    const binary = new Table({ t: vectorFromArray([Buffer.from([0xff])], new Binary()) });
    expect((await refusal(tableToIPC(binary, 'file'))).message).toBe('read 1 rows');
  });
});

describe('Arrow IPC streams', () => {
  const whole = Buffer.from(tableToIPC(new Table([...TABLE.batches, ...TABLE.batches]), 'stream'));

  it('are read over their record batches', async () => {
    const table = await parseShard(pinned(whole, 'a.arrows'));
    expect(columnOf(table, 'a')).toEqual([...columnOf(TABLE, 'a'), ...columnOf(TABLE, 'a')]);
  });

  it('are refused wherever they are cut', async () => {
    for (let length = 8; length < whole.length; length += 4) {
      expect((await refusal(whole.subarray(0, length))).message).toMatch(/Arrow IPC stream: .*(missing|cut off)$/);
    }
  });

  it('are refused when something follows their end', async () => {
    expect((await refusal(Buffer.concat([whole, whole]))).message).toContain('bytes follow its end mark');
  });
});

describe('wide tables', () => {
  const names = Array.from({ length: 10_000 }, (_, column) => `c${column}`);

  it.each([
    [
      'CSV',
      Buffer.from([names, names.map((_, i) => i), names.map((_, i) => i)].map((row) => row.join(',')).join('\n')),
    ],
    ['JSON Lines', Buffer.from(`${JSON.stringify(Object.fromEntries(names.map((name, i) => [name, i])))}\n`.repeat(2))],
    [
      'Arrow IPC',
      tableToIPC(
        new Table(Object.fromEntries(names.map((name, i) => [name, vectorFromArray([i, i], new Int32())]))),
        'file',
      ),
    ],
    [
      'Parquet',
      parquetFile(new Table(Object.fromEntries(names.map((name, i) => [name, vectorFromArray([i, i], new Int32())])))),
    ],
  ])('of 10,000 columns are read from %s', async (_, content) => {
    const table = await parseShard(pinned(content));
    expect([table.numRows, table.numCols, table.getChild('c9999')?.get(1)]).toEqual([2, 10_000, 9999]);
  });
});
