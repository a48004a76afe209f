import {
  type Data,
  type DataType,
  Field,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  type Vector,
} from 'apache-arrow';

/** The table with these columns in the place of those of the same name, or after all others. */
export function withColumns(table: Table, columns: ReadonlyMap<string, Vector>): Table {
  const names = [...new Set([...table.schema.fields.map(({ name }) => name), ...columns.keys()])];
  const parts = names.map((name) => columns.get(name) ?? (table.getChild(name) as Vector));
  const fields = names.map((name, index) => new Field(name, parts[index]?.type as DataType, true));
  const schema = new Schema(fields, table.schema.metadata);
  const type = new Struct(fields);
  let from = 0;
  const batches = table.batches.flatMap(({ numRows: length }) => {
    if (length === 0) return [];
    const children = parts.map((part) => part.slice(from, from + length).data[0] as Data);
    from += length;
    return [new RecordBatch(schema, makeData({ type, length, nullCount: 0, children }))];
  });
  return new Table(schema, batches);
}
