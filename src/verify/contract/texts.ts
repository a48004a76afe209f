import { type Data, DataType, type Vector } from 'apache-arrow';
import { cellType, isNumber, isTime, numbersOf } from './numbers.js';
import { showTime } from './times.js';
import { hasBit, validityOf } from './validity.js';

/** A judgement of cells of text, made from their UTF-8 bytes or from text already decoded. */
export interface TextTest {
  readonly bytes: (buffer: Uint8Array, start: number, end: number) => boolean;
  readonly text: (text: string) => boolean;
}

export function isText(column: DataType): boolean {
  const type = cellType(column);
  return DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isUtf8View(type);
}

/**
 * Calls `visit` for each row whose text fails; rows without a value are passed over. Text in a dictionary is judged
 * once for each entry, other text without becoming a string: decoding would cost more than everything else.
 */
export function forEachFailing(column: Vector, test: TextTest, visit: (row: number) => void): void {
  let first = 0;
  for (const data of column.data) {
    if (DataType.isDictionary(data.type)) visitEntries(data, test, first, visit);
    else if (DataType.isUtf8(data.type)) visitBytes(data, test, first, visit);
    else visitCells(column.slice(first, first + data.length), test, first, visit);
    first += data.length;
  }
}

function visitEntries(data: Data, test: TextTest, first: number, visit: (row: number) => void): void {
  const dictionary = data.dictionary as Vector;
  const failing = new Uint8Array(dictionary.length);
  forEachFailing(dictionary, test, (entry) => {
    failing[entry] = 1;
  });
  const validity = validityOf(data);
  for (let i = 0; i < data.length; i++) {
    if (failing[Number(data.values[i])] === 1 && (validity === undefined || hasBit(validity, data.offset + i))) {
      visit(first + i);
    }
  }
}

function visitBytes(data: Data, { bytes }: TextTest, first: number, visit: (row: number) => void): void {
  const offsets = data.valueOffsets as Int32Array;
  const buffer = data.values as Uint8Array;
  const validity = validityOf(data);
  for (let i = 0; i < data.length; i++) {
    if (validity !== undefined && !hasBit(validity, data.offset + i)) continue;
    if (!bytes(buffer, offsets[i] as number, offsets[i + 1] as number)) visit(first + i);
  }
}

function visitCells(column: Vector, { text }: TextTest, first: number, visit: (row: number) => void): void {
  const textOf = cellReader(column);
  for (let i = 0; i < column.length; i++) {
    const cell = textOf(i);
    if (cell !== null && !text(cell)) visit(first + i);
  }
}

/** Reads single cells as a person would write them; null where missing. */
export function cellReader(column: Vector): (row: number) => string | null {
  const type = cellType(column.type);
  if (isNumber(type) && !DataType.isBool(type)) {
    const numbers = numbersOf(column);
    const show = isTime(type) ? showTime : String;
    return (row) => (Number.isNaN(numbers[row]) ? null : show(numbers[row] as number));
  }
  return (row) => {
    const cell: unknown = column.get(row);
    return cell === null || cell === undefined ? null : String(cell);
  };
}
