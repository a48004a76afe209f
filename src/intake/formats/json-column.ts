import { type Data, Field, FixedSizeList, Float64, makeData } from 'apache-arrow';
import { CELL_BYTES, CellColumn } from './cell-column.js';

/** What JSON.parse may return. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const NUMBER_BYTES = 8;

/**
 * Gathers the values of one key and settles the type when all have been seen. Lists of numbers, all equally long, are
 * an embedding; other lists and objects are kept as their JSON text.
 */
export class JsonColumn {
  #cells = new CellColumn();
  #vectors: VectorColumn | undefined;
  #hasCells = false;

  get length(): number {
    return this.#vectors?.rows.length ?? this.#cells.length;
  }

  /** What the column takes up so far. */
  get bytes(): number {
    return this.#vectors?.bytes ?? this.#cells.bytes;
  }

  /** Rows that lack the key are nulls. */
  fillTo(length: number): void {
    while (this.length < length) this.append(null);
  }

  append(value: Json): void {
    if (isVector(value) && !this.#hasCells) this.#vectors ??= startVectors(value.length, this.#cells.length);
    if (this.#vectors === undefined) {
      this.#appendCell(value);
    } else if (value === null || (isVector(value) && value.length === this.#vectors.size)) {
      this.#vectors.append(value);
    } else {
      this.#cells = this.#vectors.toCells();
      this.#vectors = undefined;
      this.#appendCell(value);
    }
  }

  finish(): Data {
    return this.#vectors?.finish() ?? this.#cells.finish();
  }

  #appendCell(value: Json): void {
    if (value !== null) this.#hasCells = true;
    if (value === null) this.#cells.appendNull();
    else if (typeof value === 'number') this.#cells.appendTyped('number', value, String(value));
    else if (typeof value === 'boolean') this.#cells.appendTyped('bool', Number(value), String(value));
    else if (typeof value === 'string') this.#cells.appendText(value);
    else this.#cells.appendText(JSON.stringify(value));
  }
}

function isVector(value: Json): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'number');
}

function startVectors(size: number, nulls: number): VectorColumn {
  const vectors = new VectorColumn(size);
  for (let row = 0; row < nulls; row++) vectors.append(null);
  return vectors;
}

/** Rows of equally many numbers. */
class VectorColumn {
  /** Whether each row has a vector. */
  readonly rows: boolean[] = [];
  #numbers = new Float64Array(1024);

  constructor(readonly size: number) {}

  get bytes(): number {
    return this.rows.length * (this.size * NUMBER_BYTES + CELL_BYTES);
  }

  append(vector: readonly number[] | null): void {
    const start = this.rows.length * this.size;
    if (start + this.size > this.#numbers.length) {
      const larger = new Float64Array(Math.max(start + this.size, 2 * this.#numbers.length));
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    if (vector !== null) this.#numbers.set(vector, start);
    this.rows.push(vector !== null);
  }

  toCells(): CellColumn {
    const cells = new CellColumn();
    this.rows.forEach((isThere, row) => {
      const vector = this.#numbers.subarray(row * this.size, (row + 1) * this.size);
      if (isThere) cells.appendText(JSON.stringify([...vector]));
      else cells.appendNull();
    });
    return cells;
  }

  finish(): Data {
    const length = this.rows.length;
    const child = makeData({ type: new Float64(), data: this.#numbers.slice(0, length * this.size) });
    const nullBitmap = new Uint8Array(Math.ceil(length / 8));
    this.rows.forEach((isThere, row) => {
      if (isThere) nullBitmap[row >> 3] = (nullBitmap[row >> 3] ?? 0) | (1 << (row & 7));
    });
    const nullCount = this.rows.filter((isThere) => !isThere).length;
    const type = new FixedSizeList(this.size, new Field('item', new Float64(), true));
    return makeData({ type, length, nullCount, nullBitmap: nullCount > 0 ? nullBitmap : null, child });
  }
}
