import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import {
  type Data,
  Field,
  Float64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableToIPC,
  Utf8,
} from 'apache-arrow';
import { normals, seededRandom } from '../src/linear/index.js';

const parquet = createRequire(import.meta.url)('parquet-wasm') as typeof import('parquet-wasm');

const NUMBERS = 30;
const CATEGORIES = 9;
const CLASSES = 7;
const VALUES = 'amber birch cedar delta ember fjord grove heron inlet jetty knoll larch'.split(' ');
const CLASS_NAMES = Array.from({ length: CLASSES }, (_, index) => `class ${index}`);
/** The label and the categories follow from a few hidden directions, as in real tables. */
const HIDDEN = 6;
const LABEL_NOISE = 0.05;
const ROWS_PER_SHARD = 50_000;

/** A folder of Parquet shards with `rows` rows of 30 numbers, 9 categories and a label; made once. */
export async function rowsFolder(
  root: string,
  name: string,
  rows: number,
  rowsPerShard = ROWS_PER_SHARD,
): Promise<string> {
  const folder = join(root, name);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  for (let from = 0, shard = 0; from < rows; from += rowsPerShard, shard++) {
    const table = makeRows(Math.min(rowsPerShard, rows - from), `${name}/${shard}`);
    const properties = new parquet.WriterPropertiesBuilder().setCompression(parquet.Compression.ZSTD).build();
    const content = parquet.writeParquet(parquet.Table.fromIPCStream(tableToIPC(table, 'stream')), properties);
    await writeFile(join(unfinished, `part-${String(shard).padStart(5, '0')}.parquet`), content);
  }
  await rename(unfinished, folder);
  return folder;
}

function makeRows(rows: number, seed: string): Table {
  const random = seededRandom(seed);
  const hidden = normals(random, rows * HIDDEN);
  const mix = normals(seededRandom('mix'), HIDDEN * (NUMBERS + CATEGORIES + CLASSES));
  const project = (row: number, column: number) => {
    let sum = 0;
    for (let h = 0; h < HIDDEN; h++) sum += (hidden[row * HIDDEN + h] as number) * (mix[column * HIDDEN + h] as number);
    return sum;
  };
  const categoryOf = (row: number, column: number) => {
    const place = Math.atan(project(row, NUMBERS + column) + random() - 0.5) / Math.PI + 0.5;
    return Math.min(VALUES.length - 1, Math.floor(VALUES.length * place));
  };
  const classOf = (row: number) => {
    if (random() < LABEL_NOISE) return Math.floor(random() * CLASSES);
    const scores = CLASS_NAMES.map((_, c) => project(row, NUMBERS + CATEGORIES + c));
    return scores.indexOf(Math.max(...scores));
  };
  const columns: [string, Data][] = [
    ...Array.from({ length: NUMBERS }, (_, column): [string, Data] => {
      const data = new Float64Array(rows);
      for (let row = 0; row < rows; row++)
        data[row] = project(row, column) + 2 * (random() + random() + random() - 1.5);
      return [`number_${column}`, makeData({ type: new Float64(), data })];
    }),
    ...Array.from({ length: CATEGORIES }, (_, column): [string, Data] => [
      `category_${column}`,
      texts(rows, VALUES, (row) => categoryOf(row, column)),
    ]),
    ['label', texts(rows, CLASS_NAMES, classOf)],
  ];
  const schema = new Schema(columns.map(([name, { type }]) => new Field(name, type, false)));
  const children = columns.map(([, data]) => data);
  return new Table(schema, [
    new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: rows, nullCount: 0, children })),
  ]);
}

function texts(rows: number, values: readonly string[], pick: (row: number) => number): Data<Utf8> {
  const bytes = values.map((value) => Buffer.from(value));
  const longest = Math.max(...bytes.map(({ length }) => length));
  const data = new Uint8Array(rows * longest);
  const valueOffsets = new Int32Array(rows + 1);
  let end = 0;
  for (let row = 0; row < rows; row++) {
    const value = bytes[pick(row)] as Buffer;
    data.set(value, end);
    end += value.length;
    valueOffsets[row + 1] = end;
  }
  return makeData({ type: new Utf8(), length: rows, nullCount: 0, valueOffsets, data: data.subarray(0, end) });
}
