import { DataType, makeData, makeVector, Table, Uint8, Utf8, type Vector, vectorFromArray } from 'apache-arrow';

/** The rows at `chosen`, in that order, with columns of the same kind. */
export function takeRows(table: Table, chosen: readonly number[]): Table {
  return new Table(
    Object.fromEntries(
      table.schema.fields.map(({ name }) => [name, takeCells(table.getChild(name) as Vector, chosen)]),
    ),
  );
}

function takeCells(column: Vector, chosen: readonly number[]): Vector {
  if (DataType.isFixedSizeList(column.type)) return takeLists(column, column.type.listSize, chosen);
  const cells = chosen.map((row) => column.get(row) as unknown);
  return DataType.isUtf8(column.type)
    ? vectorFromArray(cells as string[], new Utf8())
    : (vectorFromArray(cells, column.type) as Vector);
}

function takeLists(column: Vector, size: number, chosen: readonly number[]): Vector {
  const values = new Uint8Array(chosen.length * size);
  chosen.forEach((row, index) => {
    values.set((column.get(row) as Vector).toArray() as Uint8Array, index * size);
  });
  const child = makeData({ type: new Uint8(), length: values.length, data: values });
  return makeVector(makeData({ type: column.type, length: chosen.length, child } as never));
}
