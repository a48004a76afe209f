import { type Data, DataType, type Vector } from 'apache-arrow';

/** Bits of the rows that have a value; undefined where all have. Bit i belongs to row i − `data.offset`. */
export function validityOf(data: Data): Uint8Array | undefined {
  return data.nullCount > 0 ? (data.nullBitmap ?? undefined) : undefined;
}

/** Is the row's bit set? */
export function hasBit(bits: Uint8Array, bit: number): boolean {
  return (((bits[bit >> 3] as number) >> (bit & 7)) & 1) === 1;
}

/** Calls `visit` for each row that has no value; a dictionary may hide nulls among its entries. */
export function forEachNull(column: Vector, visit: (row: number) => void): void {
  let first = 0;
  for (const data of column.data) {
    if (DataType.isNull(data.type)) for (let i = 0; i < data.length; i++) visit(first + i);
    else forEachNullOf(data, first, visit);
    first += data.length;
  }
}

function forEachNullOf(data: Data, first: number, visit: (row: number) => void): void {
  const validity = validityOf(data);
  const isNullEntry = DataType.isDictionary(data.type) ? nullEntries(data.dictionary as Vector) : undefined;
  if (validity === undefined && isNullEntry === undefined) return;
  for (let i = 0; i < data.length; i++) {
    const isNull =
      (validity !== undefined && !hasBit(validity, data.offset + i)) ||
      (isNullEntry !== undefined && isNullEntry[Number(data.values[i])] === 1);
    if (isNull) visit(first + i);
  }
}

function nullEntries(dictionary: Vector): Uint8Array | undefined {
  let marks: Uint8Array | undefined;
  forEachNull(dictionary, (entry) => {
    marks ??= new Uint8Array(dictionary.length);
    marks[entry] = 1;
  });
  return marks;
}
