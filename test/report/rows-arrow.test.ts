import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { tableFromIPC } from 'apache-arrow';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ShardMarks } from '../../src/mark/types.js';
import { openRows } from '../../src/report/rows-arrow.js';
import { hostile, marksIn, marksOf, outcomes, twoBadShards } from './outcomes.js';

interface ArrowColumn {
  readonly 'x-arrow': { readonly type: string; readonly nullable: boolean };
}
interface RowsSchema {
  readonly properties: Readonly<Record<string, ArrowColumn>>;
  readonly patternProperties: Readonly<Record<string, ArrowColumn>>;
}

const schema = JSON.parse(
  readFileSync(new URL('../../schemas/rows.schema.json', import.meta.url), 'utf8'),
) as RowsSchema;
const isRow = new Ajv2020({ allErrors: true, keywords: ['x-arrow'], allowUnionTypes: true }).compile(schema);

function published(column: string): ArrowColumn['x-arrow'] | undefined {
  const patterns = Object.entries(schema.patternProperties);
  const pattern = patterns.find(([expression]) => new RegExp(expression).test(column));
  return (schema.properties[column] ?? pattern?.[1])?.['x-arrow'];
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taster-rows-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const KINDS = ['outlier', 'label-flip'];

async function rowsArrow(marks: readonly ShardMarks[], kinds: readonly string[] = KINDS): Promise<Uint8Array> {
  const file = join(folder, 'rows.arrow');
  const writer = openRows(file, { paths: marks.map(({ shard }) => shard), kinds });
  for (const shard of marks) await writer.write(shard);
  await writer.finish();
  return readFile(file);
}

const read = async (marks: readonly ShardMarks[], kinds?: readonly string[]) =>
  tableFromIPC(await rowsArrow(marks, kinds));

describe.each(outcomes)('rows.arrow on %s', (_, outcome) => {
  it('has the columns, types and values that the published schema says', async () => {
    // Of ten thousand shards, enough.
    const marks = marksIn(outcome).slice(0, 200);
    const table = await read(marks);
    for (const field of table.schema.fields) {
      expect({ column: field.name, type: String(field.type), nullable: field.nullable }).toEqual({
        column: field.name,
        ...published(field.name),
      });
    }
    const rows = table.toArray().map((row) => row.toJSON() as unknown);
    expect(rows.filter((row) => !isRow(row))).toEqual([]);
    expect(rows).toHaveLength(marks.reduce((sum, shard) => sum + shard.rows, 0));
  });
});

describe('rows.arrow', () => {
  it('lists every row of every shard in order, one batch per shard', async () => {
    const table = await read(marksIn(twoBadShards));
    expect(table.schema.fields.map(({ name }) => name)).toEqual([
      'shard',
      'row',
      'label_flip_score',
      'label_flip_p',
      'outlier_score',
      'outlier_p',
      'suspicion',
      'suspect',
      'withhold',
      'reason',
    ]);
    expect(table.batches).toHaveLength(12);
    const where = table.toArray().map((row) => `${row.shard} ${row.row}`);
    expect(where).toEqual(
      marksIn(twoBadShards).flatMap(({ shard, rows }) => Array.from({ length: rows }, (_, row) => `${shard} ${row}`)),
    );
  });

  it('keeps each value, with null where nothing was judged', async () => {
    const [marks] = marksIn(twoBadShards);
    const rows = (await read([marks!])).toArray().map((row) => row.toJSON());
    rows.forEach((row, index) => {
      const score = marks!.detectors.get('label-flip')!.anomalyScore[index]!;
      expect(row.label_flip_score).toBe(Number.isNaN(score) ? null : score);
      expect(row.suspicion).toBe(marks!.suspicion[index]);
      expect([row.suspect, row.withhold]).toEqual([marks!.suspect[index] === 1, marks!.withhold[index] === 1]);
      expect(row.reason).toBe(marks!.reason[index]);
    });
  });

  it('is the same bytes for the same rows', async () => {
    expect(await rowsArrow(marksIn(twoBadShards))).toEqual(await rowsArrow(marksIn(twoBadShards)));
  });

  it('holds shards of no, one and nine rows, and names of any kind', async () => {
    const table = await read([marksOf('empty.csv', 0), marksOf('one.csv', 1), marksOf('nine.csv', 9)]);
    expect(table.toArray().map(({ shard }) => shard)).toEqual([
      'one.csv',
      ...Array.from({ length: 9 }, () => 'nine.csv'),
    ]);
    expect((await read(marksIn(hostile))).get(0)?.shard).toBe(marksIn(hostile)[0]?.shard.replace('\ud800', '\ufffd'));
  });

  it('has the columns even when no shard could be read or no detector ran', async () => {
    expect((await read([], [])).schema.fields.map(({ name }) => name)).toEqual([
      'shard',
      'row',
      'suspicion',
      'suspect',
      'withhold',
      'reason',
    ]);
    const table = await read([{ ...marksOf('a.csv', 3), detectors: new Map() }, marksOf('b.csv', 2)]);
    expect(table.toArray().map(({ outlier_score: score }) => score === null)).toEqual([true, true, true, false, false]);
  });

  it('says at once when it cannot be written', async () => {
    const writer = openRows(join(folder, 'no', 'such', 'folder'), { paths: ['a.csv'], kinds: KINDS });
    const writing = writer.write(marksOf('a.csv', 3)).then(() => writer.finish());
    await expect(writing).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
