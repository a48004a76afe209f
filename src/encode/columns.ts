import { type Data, DataType, Precision, Vector } from 'apache-arrow';

/** Cells as numbers, NaN where null; booleans become 0 and 1, dates and timestamps milliseconds. Not to be written to. */
export function readNumbers(column: Vector): Float64Array {
  return isPlain(column.type) ? readPlainNumbers(column) : readAnyNumbers(column);
}

/** What stands in memory as the numbers themselves. */
function isPlain(type: DataType): boolean {
  return DataType.isInt(type) ? type.bitWidth <= 32 : DataType.isFloat(type) && type.precision !== Precision.HALF;
}

function readPlainNumbers(column: Vector): Float64Array {
  const [first] = column.data;
  if (column.data.length === 1 && first?.nullCount === 0 && first.values instanceof Float64Array) {
    return first.values.subarray(0, column.length);
  }
  const numbers = new Float64Array(column.length);
  let at = 0;
  for (const data of column.data) {
    numbers.set((data.values as Float64Array).subarray(0, data.length), at);
    if (data.nullCount > 0) markNulls(data, numbers, at);
    at += data.length;
  }
  return numbers;
}

function markNulls(data: Data, numbers: Float64Array, from: number): void {
  for (let i = 0; i < data.length; i++) if (!data.getValid(i)) numbers[from + i] = Number.NaN;
}

function readAnyNumbers(column: Vector): Float64Array {
  const numbers = new Float64Array(column.length);
  const type = valueType(column.type);
  const scale = DataType.isDecimal(type) ? 10 ** -type.scale : undefined;
  for (let i = 0; i < numbers.length; i++) {
    const cell = cellOf(column, i);
    numbers[i] = cell === null ? Number.NaN : scale === undefined ? Number(cell) : decimalToNumber(cell) * scale;
  }
  return numbers;
}

/** Null also for a time so far off that Arrow refuses to read it: one hostile cell must not end a scan. */
function cellOf(column: Vector, row: number): unknown {
  if (!isTime(column.type)) return column.get(row);
  try {
    return column.get(row);
  } catch {
    return null;
  }
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
    const cell = cellOf(column, i);
    strings[i] = cell === null || cell === undefined ? null : String(cell);
  }
  return strings;
}

/** Cells of a fixed-size list column side by side: rows × list size; what is null is NaN. */
export function readLists(column: Vector, size: number): Float32Array {
  const values = new Float32Array(column.length * size);
  let at = 0;
  for (const data of column.data) {
    const items = data.children[0];
    const isWhole = items !== undefined && data.nullCount === 0 && items.nullCount === 0 && isPlain(items.type);
    if (isWhole) values.set((items.values as Float32Array).subarray(0, data.length * size), at * size);
    else readListsOneByOne(new Vector([data]), size, values.subarray(at * size, (at + data.length) * size));
    at += data.length;
  }
  return values;
}

function readListsOneByOne(column: Vector, size: number, values: Float32Array): void {
  for (let i = 0; i < column.length; i++) {
    const cell: unknown = column.get(i);
    if (cell === null) values.fill(Number.NaN, i * size, (i + 1) * size);
    else values.set(listNumbers(cell as Vector), i * size);
  }
}

function listNumbers(list: Vector): ArrayLike<number> {
  const type: DataType = list.type;
  // What these have in memory are not the numbers themselves.
  const isEncoded = DataType.isInt(type)
    ? type.bitWidth === 64
    : DataType.isFloat(type) && type.precision === Precision.HALF;
  if (!isEncoded && list.nullCount === 0) return list.toArray() as ArrayLike<number>;
  return Array.from(list, (item: unknown) => (item === null ? Number.NaN : Number(item)));
}

/** The type of a column's cells, whether or not they stand in a dictionary. */
function valueType(type: DataType): DataType {
  return DataType.isDictionary(type) ? valueType(type.dictionary as DataType) : type;
}

export function isNumeric(column: DataType): boolean {
  const type = valueType(column);
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

export function isString(column: DataType): boolean {
  const type = valueType(column);
  return DataType.isUtf8(type) || DataType.isLargeUtf8(type);
}

/** The list size of a fixed-size list of numbers, else undefined. */
export function listSize(type: DataType): number | undefined {
  if (!DataType.isFixedSizeList(type)) return undefined;
  const item = type.children[0]?.type;
  return item !== undefined && (DataType.isInt(item) || DataType.isFloat(item)) ? type.listSize : undefined;
}

/** A point in time: its cells are milliseconds since 1970. */
export function isTime(column: DataType): boolean {
  const type = valueType(column);
  return DataType.isDate(type) || DataType.isTimestamp(type);
}
