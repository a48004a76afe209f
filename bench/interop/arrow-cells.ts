import { type Data, DataType } from 'apache-arrow';

/** A cell as JSON can hold it: whole numbers of any width as decimal text, bytes as hexadecimal text. */
export type Cell = null | boolean | number | string | readonly Cell[] | { readonly [field: string]: Cell };

type Read = (row: number) => Cell;

/** The cells of a column, taken from its buffers: what the library's own getters round or convert is seen as it is. */
export function arrowCells(data: Data): Cell[] {
  const read = readerOf(data);
  return Array.from({ length: data.length }, (_, row) => (data.getValid(row) ? read(row) : null));
}

function readerOf(data: Data): Read {
  const { type, children, dictionary } = data;
  if (DataType.isNull(type)) return () => null;
  if (dictionary) {
    const entries = dictionary.data.flatMap(arrowCells);
    return (row) => entries[Number(data.values[row])] ?? null;
  }
  if (DataType.isStruct(type)) {
    const columns = children.map(arrowCells);
    return (row) => Object.fromEntries(type.children.map(({ name }, index) => [name, columns[index]?.[row] ?? null]));
  }
  if (DataType.isFixedSizeList(type)) {
    const items = children.flatMap(arrowCells);
    return (row) => items.slice(row * type.listSize, (row + 1) * type.listSize);
  }
  if (DataType.isList(type) || DataType.isLargeList(type) || DataType.isMap(type)) {
    const items = children.flatMap(arrowCells);
    return (row) => items.slice(...rangeOf(data, row));
  }
  return valueReader(data);
}

function valueReader(data: Data): Read {
  const { type, values, stride } = data;
  if (DataType.isBool(type)) return (row) => ((values[row >> 3] >> (row & 7)) & 1) === 1;
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return (row) => bytesOf(data, row).toString('utf8');
  if (DataType.isBinary(type) || DataType.isLargeBinary(type)) return (row) => hex(bytesOf(data, row));
  if (DataType.isFixedSizeBinary(type)) return (row) => hex(values.subarray(row * stride, (row + 1) * stride));
  if (DataType.isFloat(type)) return (row) => values[row];
  if (DataType.isDecimal(type)) return (row) => wholeNumber(values.subarray(row * stride, (row + 1) * stride));
  if (DataType.isInterval(type) && stride === 2) {
    return (row) => ({ days: values[2 * row], milliseconds: values[2 * row + 1] });
  }
  return (row) => String(values[row]);
}

function rangeOf({ valueOffsets }: Data, row: number): [start: number, end: number] {
  return [Number(valueOffsets[row]), Number(valueOffsets[row + 1])];
}

function bytesOf(data: Data, row: number): Buffer {
  return Buffer.from(data.values.subarray(...rangeOf(data, row)));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex').toUpperCase();
}

/** Two's complement, the lowest word first. */
function wholeNumber(words: Uint32Array): string {
  const unsigned = words.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n);
  return String(BigInt.asIntN(32 * words.length, unsigned));
}
