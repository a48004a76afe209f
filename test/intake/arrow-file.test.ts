import {
  Dictionary,
  Field,
  FixedSizeList,
  Float32,
  Int32,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableFromArrays,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { parseShard } from '../../src/intake/index.js';
import { columnOf, pinned } from './fixtures.js';

const ROWS = 12;
const CATEGORY = new Dictionary(new Utf8(), new Int32(), 1);
const CATEGORIES = vectorFromArray(['c0', 'c1', 'c2', 'c3'], new Utf8());

function batch(from: number): RecordBatch {
  const rows = Array.from({ length: ROWS }, (_, row) => from + row);
  const embedding = new FixedSizeList(3, new Field('item', new Float32(), true));
  const child = makeData({ type: new Float32(), data: Float32Array.from(rows.flatMap((row) => [row, 0.5, -1])) });
  const columns = {
    text: vectorFromArray(
      rows.map((row) => (row % 3 ? `t${row}` : null)),
      new Utf8(),
    ).data[0]!,
    category: makeData({ type: CATEGORY, dictionary: CATEGORIES, data: Int32Array.from(rows, (row) => row % 4) }),
    embedding: makeData({ type: embedding, length: ROWS, nullCount: 0, child }),
  };
  const fields = Object.entries(columns).map(([name, { type }]) => new Field(name, type, true));
  const data = makeData({ type: new Struct(fields), length: ROWS, children: Object.values(columns) });
  return new RecordBatch(new Schema(fields), data);
}

function file(...batches: RecordBatch[]): Buffer {
  return Buffer.from(tableToIPC(new Table(batches), 'file'));
}

describe('Arrow IPC', () => {
  it('reads back what was written, in order, over record batches', async () => {
    const table = await parseShard(pinned(file(batch(0), batch(ROWS))));
    expect(table.numRows).toBe(2 * ROWS);
    expect(columnOf(table, 'text').slice(11, 15)).toEqual(['t11', null, 't13', 't14']);
    expect(columnOf(table, 'category').slice(0, 5)).toEqual(['c0', 'c1', 'c2', 'c3', 'c0']);
    expect([...table.getChild('embedding')!.get(13)]).toEqual([13, 0.5, -1]);
  });

  it('reads a file without rows', async () => {
    const content = tableToIPC(tableFromArrays({ a: new Int32Array(0) }), 'file');
    const table = await parseShard(pinned(content));
    expect([table.numRows, table.numCols]).toEqual([0, 1]);
  });
});

describe('broken Arrow IPC', () => {
  const whole = file(batch(0), batch(ROWS));

  it.each([10, 500, whole.length - 1])('says that a file cut to %d bytes lacks its end', async (length) => {
    await expect(parseShard(pinned(whole.subarray(0, length), 'cut.arrow'))).rejects.toMatchObject({
      code: 'SHARD_UNREADABLE',
      message: expect.stringMatching(/^cut\.arrow: cannot be read as Arrow IPC: .*missing/),
    });
  });

  it('refuses two columns of one name', async () => {
    const { data } = tableFromArrays({ a: [1, 2], b: [3, 4] }).batches[0]!;
    const fields = data.children.map(({ type }) => new Field('same', type, true));
    const struct = makeData({ type: new Struct(fields), length: 2, children: data.children });
    const table = new Table(new Schema(fields), [new RecordBatch(new Schema(fields), struct)]);
    await expect(parseShard(pinned(tableToIPC(table, 'file')))).rejects.toMatchObject({
      code: 'SHARD_UNREADABLE',
      message: expect.stringContaining('two columns are named "same"'),
    });
  });

  it.each(['offset', 'index'])('refuses an %s that points outside its values', async (kind) => {
    const broken = batch(0);
    const column = broken.data.children[kind === 'offset' ? 0 : 1]!;
    (kind === 'offset' ? column.valueOffsets : column.values)[5] = 1_000_000;
    await expect(parseShard(pinned(file(broken)))).rejects.toMatchObject({ code: 'SHARD_UNREADABLE' });
  });

  it('is an unreadable shard or a table that can be read to its end, whichever byte is wrong', async () => {
    let refused = 0;
    for (let at = 0; at < whole.length; at++) {
      for (const byte of [0x7f, 0xff]) {
        const content = Buffer.from(whole);
        content[at] = byte;
        const outcome = await parseShard(pinned(content)).catch((error: unknown) => error);
        if (outcome instanceof Table) {
          for (const { name } of outcome.schema.fields) columnOf(outcome, name).map(String);
        } else {
          expect((outcome as { code?: string }).code).toMatch(/^(SHARD_UNREADABLE|FORMAT_UNKNOWN)$/);
          refused += 1;
        }
      }
    }
    expect(refused).toBeGreaterThan(100);
  });
});
