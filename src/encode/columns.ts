import { DataType, type Vector } from 'apache-arrow';

/** Cells as numbers, NaN where null; booleans become 0 and 1, dates and timestamps milliseconds. */
export function readNumbers(column: Vector): Float64Array {
  const numbers = new Float64Array(column.length);
  const scale = DataType.isDecimal(column.type) ? 10 ** -column.type.scale : undefined;
  for (let i = 0; i < numbers.length; i++) {
    const cell: unknown = column.get(i);
    numbers[i] = cell === null ? Number.NaN : scale === undefined ? Number(cell) : decimalToNumber(cell) * scale;
  }
  return numbers;
}

/** Two's complement in 32-bit words, least significant first. */
function decimalToNumber(cell: unknown): number {
  const words = cell as Uint32Array;
  let value = BigInt((words[words.length - 1] as number) | 0);
  for (let word = words.length - 2; word >= 0; word--) value = (value << 32n) | BigInt(words[word] as number);
  return Number(value);
}

/** Cells as strings, null where null. */
export function readStrings(column: Vector): (string | null)[] {
  const strings: (string | null)[] = new Array(column.length);
  for (let i = 0; i < strings.length; i++) {
    const cell: unknown = column.get(i);
    strings[i] = cell === null || cell === undefined ? null : String(cell);
  }
  return strings;
}

/** Cells of a fixed-size list column side by side: rows × list size; null cells are NaN. */
export function readLists(column: Vector, size: number): Float32Array {
  const values = new Float32Array(column.length * size);
  for (let i = 0; i < column.length; i++) {
    const cell: unknown = column.get(i);
    if (cell === null) values.fill(Number.NaN, i * size, (i + 1) * size);
    else values.set((cell as Vector).toArray() as ArrayLike<number>, i * size);
  }
  return values;
}

export function isNumeric(type: DataType): boolean {
  return (
    DataType.isInt(type) ||
    DataType.isFloat(type) ||
    DataType.isDecimal(type) ||
    DataType.isBool(type) ||
    DataType.isDate(type) ||
    DataType.isTimestamp(type) ||
    DataType.isTime(type) ||
    DataType.isDuration(type)
  );
}

export function isString(type: DataType): boolean {
  if (DataType.isDictionary(type)) return isString(type.dictionary as DataType);
  return DataType.isUtf8(type) || DataType.isLargeUtf8(type);
}

/** The list size of a fixed-size list of numbers, else undefined. */
export function listSize(type: DataType): number | undefined {
  if (!DataType.isFixedSizeList(type)) return undefined;
  const item = type.children[0]?.type;
  return item !== undefined && (DataType.isInt(item) || DataType.isFloat(item)) ? type.listSize : undefined;
}

/** A point in time: its cells are milliseconds since 1970. */
export function isTime(type: DataType): boolean {
  return DataType.isDate(type) || DataType.isTimestamp(type);
}
