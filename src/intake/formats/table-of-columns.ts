import { type Data, Field, makeData, RecordBatch, Schema, Struct, Table } from 'apache-arrow';

/** One record batch of the columns, which are equally long. */
export function tableOfColumns(names: readonly string[], columns: readonly Data[]): Table {
  const schema = new Schema(columns.map(({ type }, index) => new Field(names[index] ?? '', type, true)));
  const length = columns[0]?.length ?? 0;
  const data = makeData({ type: new Struct(schema.fields), length, nullCount: 0, children: [...columns] });
  return new Table(schema, [new RecordBatch(schema, data)]);
}
