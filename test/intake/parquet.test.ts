import {
  Bool,
  DateDay,
  Decimal,
  Dictionary,
  Field,
  FixedSizeList,
  Float64,
  Int32,
  Int64,
  makeData,
  Null,
  RecordBatch,
  Schema,
  Struct,
  Table,
  TimestampMicrosecond,
  tableFromArrays,
  Uint8,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { Compression } from 'parquet-wasm';
import { describe, expect, it } from 'vitest';
import { parseShard } from '../../src/intake/index.js';
import { columnOf, parquetFile, pinned } from './fixtures.js';

const ROWS = 20;

function every<T>(value: (row: number) => T): T[] {
  return Array.from({ length: ROWS }, (_, row) => value(row));
}

function pixels() {
  const type = new FixedSizeList(784, new Field('item', new Uint8(), true));
  const child = makeData({ type: new Uint8(), data: Uint8Array.from({ length: ROWS * 784 }, (_, i) => i % 251) });
  return makeData({ type, length: ROWS, nullCount: 0, child });
}

function decimals() {
  const words = every((row) => [row * 5, 0, 0, 0]).flat();
  return makeData({ type: new Decimal(2, 12), length: ROWS, data: Uint32Array.from(words) });
}

/** One column of each type that training data comes in. */
function mixedTable(): Table {
  const columns = {
    image: pixels(),
    text: vectorFromArray(
      every((row) => (row % 3 ? `wörd ${row}` : null)),
      new Utf8(),
    ).data[0]!,
    category: vectorFromArray(
      every((row) => `c${row % 4}`),
      new Dictionary(new Utf8(), new Int32(), 1),
    ).data[0]!,
    decimal: decimals(),
    id: vectorFromArray(
      every((row) => 2n ** 60n + BigInt(row)),
      new Int64(),
    ).data[0]!,
    day: vectorFromArray(
      every((row) => new Date(86_400_000 * row)),
      new DateDay(),
    ).data[0]!,
    at: vectorFromArray(
      every((row) => 1000 * row),
      new TimestampMicrosecond(),
    ).data[0]!,
    flag: vectorFromArray(
      every((row) => (row % 5 ? row % 2 === 0 : null)),
      new Bool(),
    ).data[0]!,
    score: vectorFromArray(
      every((row) => (row % 7 ? row / 3 : null)),
      new Float64(),
    ).data[0]!,
    nothing: makeData({ type: new Null(), length: ROWS }),
  };
  const fields = Object.entries(columns).map(([name, { type }]) => new Field(name, type, true));
  const schema = new Schema(fields);
  const struct = makeData({ type: new Struct(fields), length: ROWS, children: Object.values(columns) });
  return new Table(schema, [new RecordBatch(schema, struct)]);
}

describe('Parquet', () => {
  const compressions = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'ZSTD', 'BROTLI', 'LZ4_RAW'] as const;

  it.each(compressions)('reads every type of column compressed with %s', async (compression) => {
    const table = await parseShard(pinned(parquetFile(mixedTable(), Compression[compression])));
    expect(table.numRows).toBe(ROWS);
    expect(table.schema.fields.map(({ name, type }) => `${name}: ${type}`)).toEqual([
      'image: FixedSizeList[784]<Uint8>',
      'text: Utf8',
      'category: Dictionary<Int32, Utf8>',
      'decimal: Decimal[12e+2]',
      'id: Int64',
      'day: Date32<DAY>',
      'at: Timestamp<MICROSECOND>',
      'flag: Bool',
      'score: Float64',
      'nothing: Null',
    ]);
    expect([...table.getChild('image')!.get(1)]).toEqual(Array.from({ length: 784 }, (_, i) => (784 + i) % 251));
    expect(columnOf(table, 'text').slice(0, 3)).toEqual([null, 'wörd 1', 'wörd 2']);
    expect(columnOf(table, 'category').slice(0, 5)).toEqual(['c0', 'c1', 'c2', 'c3', 'c0']);
    expect(columnOf(table, 'decimal').map(String).slice(0, 3)).toEqual(['0', '5', '10']);
    expect(columnOf(table, 'id')[19]).toBe(2n ** 60n + 19n);
    expect(columnOf(table, 'day').map(Number)[2]).toBe(2 * 86_400_000);
    expect(columnOf(table, 'at')[3]).toBe(3000);
    expect(columnOf(table, 'flag').slice(0, 4)).toEqual([null, false, true, false]);
    expect(columnOf(table, 'score').slice(0, 3)).toEqual([null, 1 / 3, 2 / 3]);
    expect(columnOf(table, 'nothing')).toEqual(every(() => null));
  });

  it('keeps the order of rows over row groups', async () => {
    const table = tableFromArrays({ row: Int32Array.from({ length: 1000 }, (_, row) => row) });
    const read = await parseShard(pinned(parquetFile(table, Compression.ZSTD, 7)));
    expect(columnOf(read, 'row')).toEqual(columnOf(table, 'row'));
  });

  it('reads a file without rows', async () => {
    const table = await parseShard(pinned(parquetFile(mixedTable().select(['image', 'text', 'id']).slice(0, 0))));
    expect(table.numRows).toBe(0);
    expect(table.numCols).toBe(3);
  });
});

describe('broken Parquet', () => {
  const whole = Buffer.from(
    parquetFile(tableFromArrays({ a: every((row) => row % 7), s: every((row) => `v${row % 5}`) })),
  );

  it.each([5, 100, whole.length - 1])('says that a file cut to %d bytes lacks its end', async (length) => {
    await expect(parseShard(pinned(whole.subarray(0, length), 'cut.parquet'))).rejects.toMatchObject({
      code: 'SHARD_UNREADABLE',
      message: expect.stringMatching(/^cut\.parquet: cannot be read as Parquet: .*missing/),
    });
  });

  it('refuses a footer that is no footer', async () => {
    const content = Buffer.from(whole);
    content.fill(0xff, whole.length - 200, whole.length - 8);
    await expect(parseShard(pinned(content))).rejects.toMatchObject({
      code: 'SHARD_UNREADABLE',
      message: expect.stringContaining('footer is corrupt'),
    });
  });

  it('is an unreadable shard or a table of the promised rows, whichever byte is wrong; the next file is read', async () => {
    const dataEnd = whole.length - 8 - whole.readUInt32LE(whole.length - 8);
    const outcomes = new Set<string>();
    for (let at = 4; at < dataEnd; at++) {
      const content = Buffer.from(whole);
      content[at] = 0;
      const outcome = await parseShard(pinned(content)).catch((error: unknown) => error);
      if (outcome instanceof Table) expect(outcome.numRows).toBe(ROWS);
      else expect(outcome).toMatchObject({ code: 'SHARD_UNREADABLE' });
      outcomes.add(outcome instanceof Table ? 'table' : /crashed/.test(String(outcome)) ? 'crash' : 'error');
      expect((await parseShard(pinned(whole))).numRows).toBe(ROWS);
    }
    expect(outcomes).toContain('error');
    expect(outcomes).toContain('crash');
  });
});
