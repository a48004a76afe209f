import {
  type Bool,
  DataType,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  makeData,
  Null,
  Table,
  TimestampMillisecond,
  Utf8,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import { isNumeric, isString, isTime, listSize, readLists, readNumbers, readStrings } from './columns.js';

/** One in so many, and their cells are taken out before any is read: readers read whole columns. */
const FEW = 100;

/** The rows at `chosen`, in that order; every column says the same to the readers of cells, and holds no other rows. */
export function takeRows(table: Table, chosen: Int32Array): Table {
  const columns = table.schema.fields.map(
    ({ name }) => [name, takeCells(table.getChild(name) as Vector, chosen)] as const,
  );
  return new Table(Object.fromEntries(columns));
}

function takeCells(column: Vector, chosen: Int32Array): Vector {
  if (chosen.length > 0 && chosen.length * FEW < column.length) {
    return takeCells(cellsAlone(column, chosen), Int32Array.from(chosen.keys()));
  }
  const type: DataType = column.type;
  const size = listSize(type);
  if (size !== undefined) return takeLists(column, type as FixedSizeList, chosen);
  if (isString(type)) {
    const cells = readStrings(column);
    return vectorFromArray(
      Array.from(chosen, (row) => cells[row] ?? null),
      new Utf8(),
    );
  }
  return isNumeric(type) ? takeNumbers(column, type, chosen) : nulls(chosen.length);
}

function cellsAlone(column: Vector, chosen: Int32Array): Vector {
  return new Vector(Array.from(chosen).flatMap((row) => column.slice(row, row + 1).data));
}

function takeNumbers(column: Vector, type: DataType, chosen: Int32Array): Vector {
  if (isTime(type)) return fromNumbers(column, chosen, new TimestampMillisecond());
  const isExact = DataType.isBool(type) || DataType.isInt(type) || DataType.isFloat(type);
  if (!isExact) return fromNumbers(column, chosen, new Float64());
  const cells = Array.from(chosen, (row): unknown => column.get(row));
  return vectorFromArray(cells as boolean[], type as Bool);
}

function fromNumbers(column: Vector, chosen: Int32Array, type: Float64 | TimestampMillisecond): Vector {
  const numbers = readNumbers(column);
  const cells = Array.from(chosen, (row) => numbers[row] as number);
  return vectorFromArray(
    cells.map((value) => (Number.isNaN(value) ? null : value)),
    type,
  );
}

/** Items without nulls keep their type, which says whether they are pixels; others become numbers with NaN. */
function takeLists(column: Vector, { listSize: size, children }: FixedSizeList, chosen: Int32Array): Vector {
  const values = readLists(column, size);
  const taken = new Float32Array(chosen.length * size);
  chosen.forEach((row, at) => {
    taken.set(values.subarray(row * size, (row + 1) * size), at * size);
  });
  const own = children[0]?.type;
  const isPixels = own !== undefined && String(own) === 'Uint8' && !taken.some(Number.isNaN);
  const item = isPixels ? own : new Float32();
  const child = makeData({ type: item as Float32, data: isPixels ? (Uint8Array.from(taken) as never) : taken });
  const type = new FixedSizeList(size, new Field('item', item as Float32, true));
  return new Vector([makeData({ type, length: chosen.length, nullCount: 0, child })]);
}

function nulls(length: number): Vector {
  return new Vector([makeData({ type: new Null(), length })]);
}
