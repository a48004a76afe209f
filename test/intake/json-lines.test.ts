import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseShard } from '../../src/intake/index.js';
import { columnOf, pinned } from './fixtures.js';

const read = (text: string | Uint8Array) => parseShard(pinned(text, 'a.jsonl'));

/** Type and values of a column with these values; undefined leaves the key out. */
async function column(...values: unknown[]): Promise<[string, unknown[]]> {
  const table = await read(values.map((value) => JSON.stringify({ other: 1, c: value })).join('\n'));
  const cells = columnOf(table, 'c').map((cell) => (Object(cell) === cell ? [...(cell as Iterable<unknown>)] : cell));
  return [String(table.getChild('c')?.type), cells];
}

describe('types of JSON Lines columns', () => {
  it.each([
    ['numbers', [1, -2.5, 1e300, null], 'Float64', [1, -2.5, 1e300, null]],
    ['booleans', [true, null, false], 'Bool', [true, null, false]],
    ['texts, empty ones too', ['x', '', null, 'NA'], 'Utf8', ['x', '', null, 'NA']],
    ['digits in quotes as text', ['007', '1'], 'Utf8', ['007', '1']],
    ['times', ['2024-02-29', null, '1970-01-01T00:00:01Z'], 'Timestamp<MILLISECOND>', [1709164800000, null, 1000]],
    ['text where one value is none of the others', [1, true, 'x', null], 'Utf8', ['1', 'true', 'x', null]],
    [
      'lists of equally many numbers',
      [[1, 2], null, [0.5, -3]],
      'FixedSizeList[2]<Float64>',
      [[1, 2], null, [0.5, -3]],
    ],
    ['other lists as text', [[1, 2], null, [3]], 'Utf8', ['[1,2]', null, '[3]']],
    ['objects as text', [{ a: [1] }, { b: null }], 'Utf8', ['{"a":[1]}', '{"b":null}']],
    ['a list after a number as text', [1, [1, 2]], 'Utf8', ['1', '[1,2]']],
    ['missing keys as nulls', [undefined, 1, undefined], 'Float64', [null, 1, null]],
    ['missing keys before a list', [undefined, [1], undefined], 'FixedSizeList[1]<Float64>', [null, [1], null]],
    ['nothing', [null, null], 'Null', [null, null]],
  ] as const)('knows %s', async (_, values, type, cells) => {
    expect(await column(...values)).toEqual([type, cells]);
  });

  it('looks at the whole column, however late the word comes', async () => {
    const rows = Array.from({ length: 20_000 }, (_, row) => `{"a":${row}}`);
    const table = await read(`${rows.join('\n')}\n{"a":"late"}\n`);
    expect(String(table.getChild('a')?.type)).toBe('Utf8');
    expect(table.getChild('a')?.get(19_999)).toBe('19999');
  });

  it('gives back every column of text', async () => {
    const text = fc.string({ unit: 'binary' });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(text, text), { minLength: 1 }), async (pairs) => {
        const table = await read(pairs.map(([a, b]) => JSON.stringify({ a: `x${a}`, b: `x${b}` })).join('\n'));
        expect(columnOf(table, 'a')).toEqual(pairs.map(([a]) => `x${a}`));
        expect(columnOf(table, 'b')).toEqual(pairs.map(([, b]) => `x${b}`));
      }),
    );
  });
});

describe('shape of JSON Lines files', () => {
  it('reads a byte order mark, blank lines, both kinds of line ends and keys in any order', async () => {
    const table = await read('\uFEFF\n{"a":1,"b":"x"}\r\n\r\n{"b":"y","a":2}\n \n');
    expect([columnOf(table, 'a'), columnOf(table, 'b')]).toEqual([
      [1, 2],
      ['x', 'y'],
    ]);
  });

  it('has columns of any name', async () => {
    const table = await read('{"__proto__":1,"constructor":2,"":3}\n{"__proto__":{"x":1}}');
    expect(table.schema.fields.map(({ name }) => name).sort()).toEqual(['', '__proto__', 'constructor']);
    expect(columnOf(table, '__proto__')).toEqual(['1', '{"x":1}']);
    expect(columnOf(table, 'constructor')).toEqual([2, null]);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('reads objects without keys as rows', async () => {
    expect((await read('{}\n{"a":1}')).numRows).toBe(2);
  });
});

describe('broken JSON Lines', () => {
  it.each([
    ['a list of objects', '[{"a":1}]', 'it is one JSON array: write each row as an object on its own line'],
    ['one object over several lines', '{\n"a": 1\n}', 'line 1 is not one JSON object: '],
    ['a cut line', '{"a":1}\n\n{"a":', 'line 3 is not one JSON object'],
    ['two objects in a line', '{"a":1} {"a":2}', 'line 1 is not one JSON object: '],
    ['a line that is no object', '{"a":1}\n[1]\n', 'line 2 is not one JSON object'],
    ['null', '{"a":1}\nnull\n', 'line 2 is not one JSON object'],
    ['a key used twice', '{"a":1}\n{"a":"\\\\\\"{:","b":{"a":2},"a":2}', 'line 2 has one of its keys twice'],
    ['another encoding', Buffer.from('{"a":1}\n{"a":"\xff"}', 'latin1'), 'line 2 is not valid UTF-8'],
    [
      'deep nesting',
      `{"a":1}\n{"a":${'['.repeat(100_000)}`,
      'line 2 is nested deeper than 32 (limits.nesting): write it flatter',
    ],
  ])('says where: %s', async (_, text, detail) => {
    await expect(read(text)).rejects.toMatchObject({
      code: 'SHARD_UNREADABLE',
      message: expect.stringContaining(`a.jsonl: cannot be read as JSON Lines: ${detail}`),
    });
  });
});

describe('a JSON Lines file that costs more to read than it can be worth', () => {
  it('has a line that is refused before it is parsed', async () => {
    const text = `{"a":1}\n{"a":[${'1,'.repeat(17 * 2 ** 20)}1]}`;
    await expect(read(text)).rejects.toThrow('the row that begins on line 2 is longer than 33554432 (limits.rowBytes)');
  });

  it('holds as many blank lines as anybody writes, and no more', async () => {
    expect((await read(`{"a":1}\n${'\n'.repeat(1_000_000)}{"a":2}\n`)).numRows).toBe(2);
    await expect(read(`{"a":1}\n${'\n'.repeat(1_000_001)}`)).rejects.toThrow('more than 1000000 blank lines');
  });
});
