import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseShard } from '../../src/intake/index.js';
import { columnOf, pinned } from './fixtures.js';

const read = (text: string | Uint8Array) => parseShard(pinned(text, 'a.csv'));

async function types(text: string): Promise<string[]> {
  return (await read(text)).schema.fields.map(({ type }) => String(type));
}

/** Type and values of a column with these cells. */
async function column(...cells: string[]): Promise<[string, unknown[]]> {
  const table = await read(`c,other\n${cells.map((cell) => `${cell},1`).join('\n')}\n`);
  return [String(table.schema.fields[0]?.type), columnOf(table, 'c')];
}

const FLOAT = 'Float64';
const TEXT = 'Utf8';
const TIME = 'Timestamp<MILLISECOND>';

describe('types of CSV columns', () => {
  it('knows numbers, also those that are not finite', async () => {
    expect(await column('1', '-2.5', '+3', '.5', '1e-3', '0', '', ' 7')).toEqual([
      FLOAT,
      [1, -2.5, 3, 0.5, 0.001, 0, null, 7],
    ]);
    expect(await column('NaN', 'inf', '-Infinity', '1')).toEqual([FLOAT, [NaN, Infinity, -Infinity, 1]]);
  });

  it('knows booleans in any case', async () => {
    expect(await column('true', 'FALSE', '', 'True')).toEqual(['Bool', [true, false, null, true]]);
  });

  it('knows ISO dates and times', async () => {
    const [type, values] = await column(
      '2024-02-29',
      '2024-02-29T12:30',
      '2024-02-29 12:30:15.250Z',
      '2024-01-01T00:00:00+01:30',
    );
    expect(type).toBe(TIME);
    expect(values).toEqual(
      ['2024-02-29T00:00Z', '2024-02-29T12:30Z', '2024-02-29T12:30:15.250Z', '2023-12-31T22:30Z'].map(Date.parse),
    );
  });

  it.each([
    ['zero-padded codes', ['007', '12']],
    ['ids that a float cannot tell apart', ['9007199254740993', '1']],
    ['days that do not exist', ['2023-02-29', '2023-02-28']],
    ['hexadecimal and grouped digits', ['0x10', '1_000']],
    ['numbers with one word among them', ['1', '2', 'many']],
    ['booleans with a number among them', ['true', '1']],
    ['codes that look like a missing value', ['DE', 'NA']],
  ])('keeps %s as text', async (_, cells) => {
    expect(await column(...cells)).toEqual([TEXT, cells]);
  });

  it('takes a word for missing as null in a column of numbers', async () => {
    expect(await column('NA', '1', 'null', '')).toEqual([FLOAT, [null, 1, null, null]]);
  });

  it('looks at the whole column, however late the word comes', async () => {
    const rows = Array.from({ length: 50_000 }, (_, row) => `${row},${row}`);
    const table = await read(`a,b\n${rows.join('\n')}\n1,late\n`);
    expect(table.schema.fields.map(({ type }) => String(type))).toEqual([FLOAT, TEXT]);
    expect(table.getChild('b')?.get(49_999)).toBe('49999');
    expect(table.getChild('b')?.get(50_000)).toBe('late');
  });

  it('gives a column without any cell the type Null', async () => {
    expect(await column('', '')).toEqual(['Null', [null, null]]);
    expect(await types('a,b\n')).toEqual(['Null', 'Null']);
  });
});

describe('shape of CSV files', () => {
  it('reads quotes, line breaks in cells and a byte order mark', async () => {
    const table = await read('\uFEFFname,"a ""b"""\r\n"x, y","line 1\nline 2"\r\nz,\r\n');
    expect(table.schema.fields.map(({ name }) => name)).toEqual(['name', 'a "b"']);
    expect(columnOf(table, 'name')).toEqual(['x, y', 'z']);
    expect(columnOf(table, 'a "b"')).toEqual(['line 1\nline 2', null]);
  });

  it.each(['\n', '\r\n', '\r'])('ends lines with %j, at the end of the file or not', async (end) => {
    for (const tail of ['', end, end + end]) {
      const table = await read(['a,b', '1,x', '2,y'].join(end) + tail);
      expect([columnOf(table, 'a'), columnOf(table, 'b')]).toEqual([
        [1, 2],
        ['x', 'y'],
      ]);
    }
  });

  it('takes a blank line for a row only where a row is one cell', async () => {
    expect(columnOf(await read('a,b\n\n1,2\n\n3,4\n'), 'a')).toEqual([1, 3]);
    expect(columnOf(await read('a\n1\n\n3\n'), 'a')).toEqual([1, null, 3]);
  });

  it('has columns of any name', async () => {
    const table = await read('__proto__,constructor,\n1,2,3\n');
    expect(table.schema.fields.map(({ name }) => name)).toEqual(['__proto__', 'constructor', 'Unnamed: 2']);
    expect(table.getChildAt(0)?.get(0)).toBe(1);
  });

  it('reads cells longer than what it takes in at a time', async () => {
    const long = 'é,"\n'.repeat(200_000);
    const table = await read(`a,b\n"${long.replaceAll('"', '""')}",1\nshort,2\n`);
    expect(columnOf(table, 'a')).toEqual([long, 'short']);
  });

  it('gives back every table of text', async () => {
    const cell = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('"', ',', '\n', '1', 'true', 'NA', '', ' '));
    const cells = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 30 });
    const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(cells, async (rows) => {
        const usable = rows.map((row) => row.map((text) => text.replaceAll(/[\0\r]/g, '')));
        // The first row makes both columns text.
        const written = [['x', 'x'], ...usable];
        const table = await read(`a,b\n${written.map((row) => row.map(quote).join(',')).join('\n')}\n`);
        expect(table.numRows).toBe(written.length);
        expect(columnOf(table, 'a')).toEqual(written.map(([a]) => a || null));
        expect(columnOf(table, 'b')).toEqual(written.map(([, b]) => b || null));
      }),
    );
  });

  it('gives back every number', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.double(), { minLength: 1 }), async (numbers) => {
        const table = await read(`n,x\n${numbers.map((n) => `${n},1`).join('\n')}`);
        const isText = numbers.some((n) => Number.isInteger(n) && !Number.isSafeInteger(n) && !/e/.test(String(n)));
        if (!isText) expect(columnOf(table, 'n')).toEqual(numbers.map((n) => n + 0));
      }),
    );
  });
});

describe('broken CSV', () => {
  it.each([
    ['a row too short', 'a,b\n1,2\n"3\n\n4",5\n6\n', 'line 6 has 1 cells, but the header has 2'],
    ['a row too long', 'a,b\n1,2,3\n', 'line 2 has 3 cells, but the header has 2'],
    ['an open quote', 'a,b\n1,2\n"open,3\n', 'line 3: Quoted field unterminated'],
    ['text after a quote', 'a,b\n"x"y,2\n', 'line 2: Trailing quote on quoted field is malformed'],
    ['a name used twice', 'a,b,a\n1,2,3\n', 'two columns are named "a"'],
    ['blank lines only', '\n\n', 'it has no header line'],
    ['another encoding', Buffer.from('a,b\n1,2\n\xff,3\n', 'latin1'), 'line 3 is not valid UTF-8'],
    ['a zero byte', `a,b\n${'1,2\n'.repeat(2000)}\0,2\n`, 'byte 8004 is zero, which no text holds'],
    ['an empty file', '', 'the file is empty'],
  ])('says where: %s', async (_, text, detail) => {
    await expect(read(text)).rejects.toMatchObject({
      code: 'SHARD_UNREADABLE',
      message: expect.stringMatching(new RegExp(`^a\\.csv: cannot be read as (CSV|a table): ${detail}`)),
    });
  });

  it('names the line however far down it is', async () => {
    const text = `a,b\n${'"two\nlines",2\n'.repeat(40_000)}1\n`;
    await expect(read(text)).rejects.toThrow('line 80002 has 1 cells');
  });

  it.each([
    ['binary', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2])],
    ['a web page', '<!doctype html><p>Not found'],
  ])('does not take %s for a table', async (_, content) => {
    await expect(parseShard(pinned(content, 'a'))).rejects.toMatchObject({ code: 'FORMAT_UNKNOWN' });
  });
});

describe('a CSV file that costs more to read than it can be worth', () => {
  const LONG = 48 * 2 ** 20;

  it.each([
    ['a header of nothing but commas', ','.repeat(LONG), 1],
    ['a row that never ends', `a,b\n1,2\n3,${'x'.repeat(LONG)}`, 3],
    ['a quoted cell of many lines', `a,b\n1,"${'x\n'.repeat(LONG / 2)}"\n3,4\n`, 2],
  ])('%s is refused before the parser has it whole', async (_, text, line) => {
    await expect(read(text)).rejects.toThrow(
      `the row that begins on line ${line} is longer than 33554432 (limits.rowBytes)`,
    );
  });

  it('holds as many blank lines as anybody writes, and no more', async () => {
    expect((await read(`a,b\n${'\n'.repeat(1_000_000)}1,2\n`)).numRows).toBe(1);
    await expect(read(`a,b\n${'\n'.repeat(1_000_001)}1,2\n`)).rejects.toThrow('more than 1000000 blank lines');
  });
});
