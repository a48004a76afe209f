import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import {
  Field,
  Float64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { normals, seededRandom } from '../src/linear/index.js';

const parquet = createRequire(import.meta.url)('parquet-wasm') as typeof import('parquet-wasm');

const NUMBERS = 30;
const CATEGORIES = 9;
const LABELS = 7;
const VALUES = [
  'amber',
  'birch',
  'cedar',
  'delta',
  'ember',
  'fjord',
  'grove',
  'heron',
  'inlet',
  'jetty',
  'knoll',
  'larch',
];
/** The label and the categories follow from a few hidden directions, as in real tables. */
const HIDDEN = 6;

export const COLUMNS = NUMBERS + CATEGORIES + 1;

/** Writes `rows` rows of 30 numbers, 9 categories and a label as Parquet shards of `rowsPerShard` rows. */
export async function writeRows(folder: string, rows: number, rowsPerShard: number, seed: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let from = 0, shard = 0; from < rows; from += rowsPerShard, shard++) {
    const table = makeRows(Math.min(rowsPerShard, rows - from), `${seed}/${shard}`);
    const written = parquet.writeParquet(
      parquet.Table.fromIPCStream(tableToIPC(table, 'stream')),
      new parquet.WriterPropertiesBuilder().setCompression(parquet.Compression.ZSTD).build(),
    );
    await writeFile(join(folder, `part-${String(shard).padStart(5, '0')}.parquet`), written);
  }
}

function makeRows(rows: number, seed: string): Table {
  const random = seededRandom(seed);
  const hidden = normals(random, rows * HIDDEN);
  const mix = normals(seededRandom('mix'), HIDDEN * (NUMBERS + CATEGORIES + LABELS));
  const project = (row: number, column: number) => {
    let sum = 0;
    for (let h = 0; h < HIDDEN; h++) sum += (hidden[row * HIDDEN + h] as number) * (mix[column * HIDDEN + h] as number);
    return sum;
  };
  const noise = normals(random, rows * NUMBERS);
  const numbers = Array.from({ length: NUMBERS }, (_, column) => {
    const data = Float64Array.from(
      { length: rows },
      (_, row) => project(row, column) + (noise[row * NUMBERS + column] as number),
    );
    return makeData({ type: new Float64(), data });
  });
  const categories = Array.from({ length: CATEGORIES }, (_, column) =>
    texts(rows, (row) => {
      const place = Math.floor(
        VALUES.length * (0.5 + Math.atan(project(row, NUMBERS + column) + random() - 0.5) / Math.PI),
      );
      return VALUES[Math.max(0, Math.min(VALUES.length - 1, place))] as string;
    }),
  );
  const label = texts(rows, (row) => {
    let best = 0;
    for (let c = 1; c < LABELS; c++) {
      if (project(row, NUMBERS + CATEGORIES + c) > project(row, NUMBERS + CATEGORIES + best)) best = c;
    }
    return random() < 0.05 ? `class ${Math.floor(random() * LABELS)}` : `class ${best}`;
  });
  const children = [...numbers, ...categories, label];
  const names = [...numbers.map((_, i) => `number_${i}`), ...categories.map((_, i) => `category_${i}`), 'label'];
  const schema = new Schema(children.map(({ type }, i) => new Field(names[i] as string, type, false)));
  const data = makeData({ type: new Struct(schema.fields), length: rows, nullCount: 0, children });
  return new Table(schema, [new RecordBatch(schema, data)]);
}

function texts(rows: number, cell: (row: number) => string) {
  const [data] = vectorFromArray(
    Array.from({ length: rows }, (_, row) => cell(row)),
    new Utf8(),
  ).data;
  if (data === undefined) throw new Error('no rows');
  return data;
}
