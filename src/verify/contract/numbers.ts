import { type Data, DataType, Precision, TimeUnit, type Vector } from 'apache-arrow';
import { hasBit, validityOf } from './validity.js';

const DAY_MS = 86_400_000;
const MS_PER_UNIT: Readonly<Record<TimeUnit, number>> = {
  [TimeUnit.SECOND]: 1000,
  [TimeUnit.MILLISECOND]: 1,
  [TimeUnit.MICROSECOND]: 1e-3,
  [TimeUnit.NANOSECOND]: 1e-6,
};

/** The type of a column's cells, whether or not they stand in a dictionary. */
export function cellType(type: DataType): DataType {
  return DataType.isDictionary(type) ? cellType(type.dictionary as DataType) : type;
}

/** Cells are milliseconds since 1970. */
export function isTime(column: DataType): boolean {
  const type = cellType(column);
  return DataType.isDate(type) || DataType.isTimestamp(type);
}

export function isNumber(column: DataType): boolean {
  const type = cellType(column);
  return (
    DataType.isInt(type) ||
    DataType.isFloat(type) ||
    DataType.isDecimal(type) ||
    DataType.isBool(type) ||
    DataType.isTime(type) ||
    DataType.isDuration(type) ||
    isTime(type)
  );
}

/**
 * Cells of a column of numbers or times, NaN where missing; booleans are 0 and 1, times milliseconds since 1970.
 * May be the column's own memory: not to be written to.
 */
export function numbersOf(column: Vector): Float64Array {
  const [only, another] = column.data;
  const isReady = only !== undefined && another === undefined && validityOf(only) === undefined;
  if (isReady && DataType.isFloat(only.type) && only.values instanceof Float64Array) {
    return only.values.subarray(0, only.length);
  }
  const numbers = new Float64Array(column.length);
  let first = 0;
  for (const data of column.data) {
    const part = numbers.subarray(first, first + data.length);
    fill(part, data);
    eraseNulls(part, data);
    first += data.length;
  }
  return numbers;
}

/** Reads the typed array of the column itself: a call for each cell would cost thirty times as much. */
function fill(part: Float64Array, data: Data): void {
  const { type, values, length } = data as Data & { readonly type: DataType };
  if (DataType.isDictionary(type)) {
    const entries = numbersOf(data.dictionary as Vector);
    for (let i = 0; i < length; i++) part[i] = entries[Number(values[i])] ?? Number.NaN;
  } else if (DataType.isBool(type)) {
    for (let i = 0; i < length; i++) part[i] = hasBit(values, data.offset + i) ? 1 : 0;
  } else if (DataType.isDecimal(type)) {
    fillDecimals(part, values, data.stride, 10 ** -type.scale);
  } else if (DataType.isFloat(type) && type.precision === Precision.HALF) {
    for (let i = 0; i < length; i++) part[i] = halfToNumber(values[i]);
  } else {
    fillScaled(part, values, msPerUnit(type));
  }
}

function msPerUnit(type: DataType): number {
  if (DataType.isTimestamp(type)) return MS_PER_UNIT[type.unit];
  return DataType.isDate(type) && type.ArrayType === Int32Array ? DAY_MS : 1;
}

function fillScaled(part: Float64Array, values: ArrayLike<number> | BigInt64Array | BigUint64Array, scale: number) {
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
    for (let i = 0; i < part.length; i++) part[i] = Number(values[i]) * scale;
  } else {
    for (let i = 0; i < part.length; i++) part[i] = (values[i] as number) * scale;
  }
}

/** Two's complement in 32-bit words, least significant first. */
function fillDecimals(part: Float64Array, words: Uint32Array, stride: number, scale: number): void {
  for (let i = 0; i < part.length; i++) {
    let value = (words[(i + 1) * stride - 1] as number) | 0;
    for (let word = stride - 2; word >= 0; word--) value = value * 2 ** 32 + (words[i * stride + word] as number);
    part[i] = value * scale;
  }
}

/** IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction. */
function halfToNumber(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits >> 15 ? -1 : 1;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

function eraseNulls(part: Float64Array, data: Data): void {
  const validity = validityOf(data);
  if (validity === undefined) return;
  for (let i = 0; i < part.length; i++) if (!hasBit(validity, data.offset + i)) part[i] = Number.NaN;
}
