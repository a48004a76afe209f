import {
  type DataType,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Table,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';

export function tableOf(columns: Readonly<Record<string, Vector>>): Table {
  return new Table({ ...columns });
}

export function numbers(cells: readonly (number | null)[]): Vector {
  return vectorFromArray(cells, new Float64());
}

export function strings(cells: readonly (string | null)[]): Vector {
  return vectorFromArray(cells, new Utf8());
}

/** A fixed-size list column, as images and embeddings are. */
export function lists(cells: readonly (readonly unknown[] | null)[], item: DataType = new Float32()): Vector {
  const size = cells.find((cell) => cell !== null)?.length ?? 0;
  return vectorFromArray(cells, new FixedSizeList(size, new Field('item', item, true)));
}

export function everyRow(table: Table): Int32Array {
  return Int32Array.from({ length: table.numRows }, (_, row) => row);
}
