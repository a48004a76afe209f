import { type DataType, Float64, Table, Utf8, type Vector, vectorFromArray } from 'apache-arrow';
import { isNumeric, readNumbers, readStrings } from '../encode/index.js';

/** One table of all rows, with the first table's columns; columns whose types differ become numbers or else strings. */
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

function joinVectors(parts: readonly Vector[]): Vector {
  const types = new Set(parts.map((part) => String(part.type)));
  const [first, ...others] =
    types.size === 1 ? parts : parts.map(castTo(parts.every((part) => isNumeric(part.type as DataType))));
  return others.reduce((joined: Vector, part) => joined.concat(part), first as Vector);
}

function castTo(numbers: boolean): (part: Vector) => Vector {
  if (!numbers) return (part) => vectorFromArray(readStrings(part), new Utf8());
  return (part) =>
    vectorFromArray(
      Array.from(readNumbers(part), (value, row) => (part.isValid(row) ? value : null)),
      new Float64(),
    );
}
