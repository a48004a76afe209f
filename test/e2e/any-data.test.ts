import { mkdirSync, writeFileSync } from 'node:fs';
import {
  Bool,
  DateDay,
  Decimal,
  Dictionary,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Int32,
  Int64,
  LargeUtf8,
  List,
  makeData,
  Null,
  Struct,
  Table,
  TimestampMicrosecond,
  TimestampMillisecond,
  tableToIPC,
  Uint64,
  Utf8,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import { beforeAll, expect, it } from 'vitest';
import { normals, seededRandom } from '../../src/linear/index.js';
import { parquetFile } from '../intake/fixtures.js';
import { temporaryFolder } from '../temporary-folder.js';
import { scanTo } from './command.js';

const at = temporaryFolder();
const DAY_MS = 86_400_000;

/** What a row is: which class it truly is of, and a number that follows from it. */
interface Truth {
  readonly isHigh: boolean;
  readonly x: number;
  readonly row: number;
}

/** Kinds of column, each of which tells a little of what a row is. */
const KINDS: Readonly<Record<string, (truth: readonly Truth[]) => Vector>> = {
  'int64 beyond 2^53': (truth) =>
    vectorFromArray(
      truth.map(({ x }) => 2n ** 60n + BigInt(Math.round(x * 1e6)) * 2n ** 20n),
      new Int64(),
    ),
  uint64: (truth) =>
    vectorFromArray(
      truth.map(({ x }) => 2n ** 63n + BigInt(Math.round(x * 1e6)) * 2n ** 30n),
      new Uint64(),
    ),
  decimal: (truth) =>
    new Vector([
      makeData({
        type: new Decimal(2, 12, 128),
        length: truth.length,
        nullCount: 0,
        data: Uint32Array.from(
          truth.flatMap(({ x }) => [Math.round(x * 100), x < 0 ? -1 : 0, x < 0 ? -1 : 0, x < 0 ? -1 : 0]),
        ),
      }),
    ]),
  dictionary: (truth) =>
    vectorFromArray(
      truth.map(({ isHigh, row }) => (row % 5 === 0 ? 'either' : isHigh ? 'up' : 'down')),
      new Dictionary(new Utf8(), new Int32()),
    ),
  'large text': (truth) =>
    vectorFromArray(
      truth.map(({ row }) => `kind ${row % 3}`),
      new LargeUtf8(),
    ),
  'mostly NaN': (truth) =>
    vectorFromArray(
      truth.map(({ x, row }) => (row % 3 === 0 ? x : Number.NaN)),
      new Float64(),
    ),
  infinities: (truth) =>
    vectorFromArray(
      truth.map(({ x, row }) =>
        row % 10 === 0 ? Number.POSITIVE_INFINITY : row % 10 === 1 ? Number.NEGATIVE_INFINITY : x,
      ),
      new Float32(),
    ),
  'with nulls': (truth) =>
    vectorFromArray(
      truth.map(({ x, row }) => (row % 4 === 0 ? null : x)),
      new Float64(),
    ),
  flag: (truth) =>
    vectorFromArray(
      truth.map(({ isHigh }) => isHigh),
      new Bool(),
    ),
  day: (truth) =>
    vectorFromArray(
      truth.map(({ row }) => new Date(row * DAY_MS)),
      new DateDay(),
    ),
  'time in ms': (truth) =>
    vectorFromArray(
      truth.map(({ row }) => row * DAY_MS),
      new TimestampMillisecond(),
    ),
  'time in µs, of a zone': (truth) =>
    vectorFromArray(
      truth.map(({ row }) => row * DAY_MS),
      new TimestampMicrosecond('Europe/Berlin'),
    ),
  vector: (truth) =>
    new Vector([
      makeData({
        type: new FixedSizeList(2, new Field('item', new Float32(), true)),
        length: truth.length,
        nullCount: 0,
        child: makeData({ type: new Float32(), data: Float32Array.from(truth.flatMap(({ x }) => [x, -x])) }),
      }),
    ]),
  'always the same': (truth) => vectorFromArray(truth.map(() => 7)),
};

/** Columns that say nothing, or nothing that can be read. */
const UNREAD: typeof KINDS = {
  'all null': (truth) => new Vector([makeData({ type: new Null(), length: truth.length })]),
  'ragged lists': (truth) =>
    vectorFromArray(
      truth.map(({ row }) => Array<number>(row % 4).fill(row)),
      new List(new Field('item', new Int32(), true)),
    ),
  structs: (truth) =>
    vectorFromArray(
      truth.map(({ row }) => ({ a: row })),
      new Struct<{ a: Int32 }>([new Field('a', new Int32(), true)]),
    ),
};

/** Columns of the batch that trusted rows do not have. */
const MORE: typeof KINDS = {
  group: (truth) => vectorFromArray(truth.map(({ row }) => `group ${row % 3}`)),
  id: (truth) => vectorFromArray(truth.map(({ row }) => `row ${row}`)),
  source: (truth) => vectorFromArray(truth.map(({ row }) => `source ${row % 2}`)),
  ...Object.fromEntries(
    Array.from({ length: 8 }, (_, number) => [
      `unknown ${number}`,
      (truth: readonly Truth[]) => vectorFromArray(truth.map(({ x }) => x)),
    ]),
  ),
};

interface Made {
  readonly flipped?: number;
  readonly more?: typeof KINDS;
  /** So many rows are of a class of their own. */
  readonly strangers?: number;
}

function table(seed: string, rows: number, { flipped = 0, more = {}, strangers = 0 }: Made = {}): Table {
  const random = seededRandom(seed);
  const truth = Array.from({ length: rows }, (_, row): Truth => {
    const isHigh = random() < 0.5;
    return { isHigh, x: (normals(random, 1)[0] ?? 0) + (isHigh ? 4 : 0), row };
  });
  const labels = truth.map(({ isHigh, row }) =>
    row < strangers ? 'never seen' : isHigh === random() >= flipped ? 'high' : 'low',
  );
  const columns = Object.entries({ ...KINDS, ...UNREAD, ...more }).map(([name, make]) => [name, make(truth)]);
  return new Table({ ...Object.fromEntries(columns), label: vectorFromArray(labels, new Utf8()) });
}

function fromLastToFirst(whole: Table): Table {
  return whole.select(whole.schema.fields.map(({ name }) => name).reverse());
}

/** Nothing is wrong with any of these. */
const SOUND: Readonly<Record<string, readonly [rows: number, content: () => Uint8Array]>> = {
  'classes.arrow': [150, () => tableToIPC(table('classes', 150, { strangers: 5 }), 'file')],
  'empty.arrow': [0, () => tableToIPC(table('empty', 0), 'file')],
  'file.arrow': [150, () => tableToIPC(table('file', 150), 'file')],
  'more.arrow': [150, () => tableToIPC(table('more', 150, { more: MORE }), 'file')],
  'one.arrow': [1, () => tableToIPC(table('one', 1), 'file')],
  'order.arrow': [150, () => tableToIPC(fromLastToFirst(table('order', 150)), 'file')],
  'parquet.parquet': [150, () => parquetFile(table('parquet', 150))],
  'stream.arrows': [150, () => tableToIPC(table('stream', 150), 'stream')],
};

beforeAll(() => {
  mkdirSync(at('batch'));
  for (const [name, [, content]] of Object.entries(SOUND)) writeFileSync(at('batch', name), content());
  writeFileSync(at('batch', 'flipped.arrow'), tableToIPC(table('flipped', 150, { flipped: 0.4 }), 'file'));
  writeFileSync(at('trusted.arrow'), tableToIPC(table('trusted', 400), 'file'));
});

it.each([
  ['beside trusted rows', () => ['--baseline', at('trusted.arrow')]],
  ['without a baseline', () => []],
])('columns and shards of every kind are judged like any other, %s', async (name, baseline) => {
  const { exitCode, stdout, stderr, report } = await scanTo(at(name), [at('batch'), ...baseline()]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
  const shards = new Map(report.shards.map((shard) => [shard.uri.split('/').at(-1), shard]));
  for (const [path, [rows]] of Object.entries(SOUND)) {
    expect(shards.get(path), path).toMatchObject({ verdict: 'release', released: true, rows });
    expect(shards.get(path)?.pValue, path).toEqual(rows === 0 ? null : expect.any(Number));
  }
  expect(shards.get('flipped.arrow')).toMatchObject({ verdict: 'quarantine', rows: 150 });
  expect(new Set(report.findings.filter(({ holds }) => holds).map(({ kind }) => kind))).toEqual(
    new Set(['label-flip']),
  );
  const rolesOf = new Map(report.columns.map((column) => [column.name, column.role]));
  for (const column of Object.keys(KINDS)) expect(rolesOf.get(column), column).toMatch(/^(feature|embedding)$/);
  for (const column of Object.keys(UNREAD)) expect(rolesOf.get(column), column).toBe('ignore');
  expect(stdout).toMatch(/ignore +guessed +all null, ragged lists, structs/);
  expect(report.notes.join('\n')).toMatch(/Ignored, because .*: (?:unknown \d, ){4}unknown 4 and 3 more\./);
  const [worst] = report.worstRows;
  const cells = new Map(worst?.values.map(({ column, value }) => [column, value]));
  expect(cells.get('decimal')).toMatch(/^-?\d\.\d{1,2}$/);
});
