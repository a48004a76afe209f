import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { tableFromIPC } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import type { ShardMarks } from '../../src/mark/types.js';
import { rowsArrow } from '../../src/report/rows-arrow.js';
import { hostile, marksOf, outcomes, twoBadShards, unreadableShard } from './outcomes.js';

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

const read = async (marks: readonly ShardMarks[]) => tableFromIPC(await rowsArrow(marks));

describe.each(outcomes)('rows.arrow on %s', (_, { marks }) => {
  it('has the columns, types and values that the published schema says', async () => {
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
    const table = await read(twoBadShards.marks);
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
      twoBadShards.marks.flatMap(({ shard, rows }) => Array.from({ length: rows }, (_, row) => `${shard} ${row}`)),
    );
  });

  it('keeps each value, with null where nothing was judged', async () => {
    const [marks] = twoBadShards.marks;
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
    expect(await rowsArrow(twoBadShards.marks)).toEqual(await rowsArrow(twoBadShards.marks));
  });

  it('holds shards of no, one and nine rows, and names of any kind', async () => {
    const table = await read([marksOf('empty.csv', 0), marksOf('one.csv', 1), marksOf('nine.csv', 9)]);
    expect(table.toArray().map(({ shard }) => shard)).toEqual([
      'one.csv',
      ...Array.from({ length: 9 }, () => 'nine.csv'),
    ]);
    expect((await read(hostile.marks)).get(0)?.shard).toBe(hostile.marks[0]?.shard.replace('\ud800', '\ufffd'));
  });

  it('has the columns even when no shard could be read or no detector ran', async () => {
    expect((await read([])).schema.fields.map(({ name }) => name)).toEqual([
      'shard',
      'row',
      'suspicion',
      'suspect',
      'withhold',
      'reason',
    ]);
    const table = await read([{ ...marksOf('a.csv', 3), detectors: new Map() }, marksOf('b.csv', 2)]);
    expect(table.toArray().map(({ outlier_score: score }) => score === null)).toEqual([true, true, true, false, false]);
    expect(unreadableShard.marks).toHaveLength(2);
  });
});
