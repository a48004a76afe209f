import {
  DataType,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  makeData,
  Table,
  TimestampMillisecond,
  Utf8,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import { isNumeric, isTime, listSize, readLists, readNumbers, readStrings } from '../encode/index.js';

/**
 * One table of all rows, with the first table's columns; columns whose types differ become times, numbers, vectors or
 * else strings. A column without a single value has no type of its own.
 */
export function joinTables(tables: readonly Table[]): Table {
  const [first, ...others] = tables;
  if (first === undefined) return new Table();
  if (others.length === 0) return first;
  const columns = first.schema.fields.map(({ name }) => {
    const parts = tables.map((table) => table.getChild(name) as Vector);
    return [name, joinVectors(parts)] as const;
  });
  return new Table(Object.fromEntries(columns));
}

type Cast = (part: Vector) => Vector;

function joinVectors(parts: readonly Vector[]): Vector {
  const filled = parts.filter(({ type }) => !DataType.isNull(type));
  const types = new Set(filled.map(({ type }) => String(type)));
  const cast = types.size > 1 ? chooseCast(filled.map(({ type }) => type as DataType)) : keep;
  const type: DataType | undefined = filled[0] && cast(filled[0].slice(0, 0)).type;
  const [first, ...others] = parts.map((part) =>
    type !== undefined && DataType.isNull(part.type) ? nullsOf(type, part.length) : cast(part),
  );
  return others.reduce((joined: Vector, part) => joined.concat(part), first as Vector);
}

function chooseCast(types: readonly DataType[]): Cast {
  const size = listSize(types[0] as DataType);
  if (size !== undefined && types.every((type) => listSize(type) === size)) return toLists(size);
  if (types.every(isTime)) return toNumbers(new TimestampMillisecond());
  return types.every(isNumeric) ? toNumbers(new Float64()) : (part) => vectorFromArray(readStrings(part), new Utf8());
}

function keep(part: Vector): Vector {
  return part;
}

function nullsOf(type: DataType, length: number): Vector {
  return vectorFromArray(new Array<null>(length).fill(null), type);
}

function toNumbers(type: Float64 | TimestampMillisecond): Cast {
  return (part) =>
    vectorFromArray(
      Array.from(readNumbers(part), (value) => (Number.isNaN(value) ? null : value)),
      type,
    );
}

function toLists(size: number): Cast {
  const type = new FixedSizeList(size, new Field('item', new Float32(), true));
  return (part) => {
    const child = makeData({ type: new Float32(), data: readLists(part, size) });
    return new Vector([makeData({ type, length: part.length, nullCount: 0, child })]);
  };
}
