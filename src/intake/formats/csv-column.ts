import { Bool, type Data, Float64, makeData, Null, TimestampMillisecond, Utf8 } from 'apache-arrow';
import { type CellKind, isMissingMark, kindOf, readCell } from './csv-cell.js';

/** Arrow counts the bytes of a string column in 32 bits. */
const MOST_TEXT_BYTES = 2 ** 31 - 1;
/** UTF-8 needs at most three bytes for each UTF-16 unit. */
const BYTES_PER_UNIT = 3;
const FIRST_ROWS = 1024;

/** What a cell is before the whole column has been seen. */
const EMPTY = 0;
const VALUE = 1;
/** A word for "missing": a null, unless the column turns out to be text. */
const MISSING_MARK = 2;

/**
 * Gathers the cells of one CSV column, both as text and as the kind its first cells suggest, and settles the type when
 * all have been seen: one cell that does not fit makes the whole column text.
 */
export class CsvColumn {
  #length = 0;
  #kind: CellKind | 'undecided' | 'text' = 'undecided';
  #states = new Uint8Array(FIRST_ROWS);
  #numbers = new Float64Array(FIRST_ROWS);
  #text = Buffer.allocUnsafe(FIRST_ROWS);
  #offsets = new Int32Array(FIRST_ROWS + 1);

  append(cell: string): void {
    this.#reserveRow();
    const state = cell === '' ? EMPTY : isMissingMark(cell) ? MISSING_MARK : VALUE;
    this.#states[this.#length] = state;
    if (state === VALUE && this.#kind !== 'text') this.#appendTyped(cell);
    this.#appendText(cell);
    this.#length += 1;
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

  #appendTyped(cell: string): void {
    if (this.#kind === 'undecided') this.#kind = kindOf(cell) ?? 'text';
    const value = this.#kind === 'text' ? undefined : readCell(cell, this.#kind as CellKind);
    if (value === undefined) this.#kind = 'text';
    else this.#numbers[this.#length] = value;
  }

  #appendText(cell: string): void {
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
