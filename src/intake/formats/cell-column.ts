import { Bool, type Data, Float64, makeData, Null, TimestampMillisecond, Utf8 } from 'apache-arrow';
import { type CellKind, isMissingMark, kindOf, readCell } from './csv-cell.js';

/** Arrow counts the bytes of a string column in 32 bits. */
const MOST_TEXT_BYTES = 2 ** 31 - 1;
/** UTF-8 needs at most three bytes for each UTF-16 unit. */
const BYTES_PER_UNIT = 3;
/** Few: tables of ten thousand columns tend to be short. */
const FIRST_ROWS = 32;
/** Memory of a cell besides its text: state, number, offset. */
export const CELL_BYTES = 13;

/** What a cell is before the whole column has been seen. */
const EMPTY = 0;
const VALUE = 1;
/** A word for "missing": a null, unless the column turns out to be text. */
const MISSING_MARK = 2;

/**
 * Gathers the cells of one column of a text format, both as text and as the kind its first cells suggest, and settles
 * the type when all have been seen: one cell that does not fit makes the whole column text.
 */
export class CellColumn {
  #length = 0;
  #kind: CellKind | 'undecided' | 'text' = 'undecided';
  #states = new Uint8Array(FIRST_ROWS);
  #numbers = new Float64Array(FIRST_ROWS);
  #text = Buffer.allocUnsafe(FIRST_ROWS);
  #offsets = new Int32Array(FIRST_ROWS + 1);

  get length(): number {
    return this.#length;
  }

  /** What the column takes up so far. */
  get bytes(): number {
    return this.#length * CELL_BYTES + (this.#offsets[this.#length] ?? 0);
  }

  /** A cell whose kind nobody said, as in CSV: an empty one is a null. */
  append(cell: string): void {
    const state = cell === '' ? EMPTY : isMissingMark(cell) ? MISSING_MARK : VALUE;
    if (state === VALUE && this.#kind !== 'text') {
      const kind = this.#kind === 'undecided' ? kindOf(cell) : this.#kind;
      this.#settle(kind, kind && readCell(cell, kind));
    }
    this.#append(state, cell);
  }

  /** A text, which may be a time but is no number, whatever it looks like. */
  appendText(text: string): void {
    if (this.#kind !== 'text') this.#settle('timestamp', readCell(text, 'timestamp'));
    this.#append(VALUE, text);
  }

  /** `text` is how it is shown if the column turns out to be text. */
  appendTyped(kind: CellKind, value: number, text: string): void {
    if (this.#kind !== 'text') this.#settle(kind, value);
    this.#append(VALUE, text);
  }

  appendNull(): void {
    this.#append(EMPTY, '');
  }

  finish(): Data {
    switch (this.#kind) {
      case 'number':
        return makeData({ type: new Float64(), ...this.#validity(), data: this.#numbers.slice(0, this.#length) });
      case 'timestamp':
        return makeData({ type: new TimestampMillisecond(), ...this.#validity(), data: this.#wholeNumbers() });
      case 'bool':
        return makeData({ type: new Bool(), ...this.#validity(), data: this.#bits((row) => this.#numbers[row] === 1) });
      default:
        return this.#hasText() ? this.#finishText() : makeData({ type: new Null(), length: this.#length });
    }
  }

  /** Keeps the next cell's value where it is of the column's kind so far; otherwise the column is text from now on. */
  #settle(kind: CellKind | undefined, value: number | undefined): void {
    const fits = kind !== undefined && value !== undefined && (this.#kind === 'undecided' || this.#kind === kind);
    this.#kind = fits ? kind : 'text';
    if (!fits) return;
    this.#reserveRow();
    this.#numbers[this.#length] = value;
  }

  #append(state: number, cell: string): void {
    this.#reserveRow();
    this.#states[this.#length] = state;
    this.#writeText(cell);
    this.#length += 1;
  }

  #writeText(cell: string): void {
    const start = this.#offsets[this.#length] ?? 0;
    const needed = start + cell.length * BYTES_PER_UNIT;
    if (needed > this.#text.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#text.length));
      this.#text.copy(larger, 0, 0, start);
      this.#text = larger;
    }
    const end = start + this.#text.write(cell, start);
    if (end > MOST_TEXT_BYTES) throw new Error('one of its columns holds more than 2 GiB of text');
    this.#offsets[this.#length + 1] = end;
  }

  #reserveRow(): void {
    if (this.#length < this.#states.length) return;
    this.#states = enlarged(this.#states, Uint8Array);
    this.#numbers = enlarged(this.#numbers, Float64Array);
    this.#offsets = enlarged(this.#offsets, Int32Array);
  }

  #hasText(): boolean {
    return this.#states.subarray(0, this.#length).some((state) => state !== EMPTY);
  }

  #finishText(): Data {
    const valueOffsets = this.#offsets.slice(0, this.#length + 1);
    const data = this.#text.subarray(0, valueOffsets[this.#length]);
    return makeData({ type: new Utf8(), ...this.#validity(MISSING_MARK), valueOffsets, data });
  }

  #wholeNumbers(): BigInt64Array {
    return BigInt64Array.from({ length: this.#length }, (_, row) => BigInt(this.#numbers[row] ?? 0));
  }

  #validity(alsoValid: number = VALUE) {
    const isValid = (row: number): boolean => this.#states[row] === VALUE || this.#states[row] === alsoValid;
    let nullCount = 0;
    for (let row = 0; row < this.#length; row++) if (!isValid(row)) nullCount += 1;
    return { length: this.#length, nullCount, nullBitmap: nullCount > 0 ? this.#bits(isValid) : null };
  }

  #bits(isSet: (row: number) => boolean): Uint8Array {
    const bits = new Uint8Array(Math.ceil(this.#length / 8));
    for (let row = 0; row < this.#length; row++) {
      if (isSet(row)) bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7));
    }
    return bits;
  }
}

function enlarged<T extends { readonly length: number; set(source: T): void }>(
  array: T,
  type: new (length: number) => T,
): T {
  const larger = new type(2 * array.length);
  larger.set(array);
  return larger;
}
