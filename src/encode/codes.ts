import { type Data, DataType, type Vector } from 'apache-arrow';
import { readNumbers, readStrings } from './columns.js';

/** A column as distinct values and where they stand. */
export interface Codes {
  /** In order of first appearance. */
  readonly values: readonly string[];
  /** Row → index into values, −1 where null. */
  readonly codes: Int32Array;
}

/** Features and signatures read the same columns of a chunk: what was read last of a part of memory is kept with it. */
const known = new WeakMap<Data, Codes>();

/** The cells of a column as text, each distinct one made into a string once. */
export function readCodes(column: Vector): Codes {
  const [data] = column.data;
  if (data === undefined || column.data.length > 1) return codesOf(column);
  const codes = known.get(data) ?? codesOf(column);
  known.set(data, codes);
  return codes;
}

function codesOf(column: Vector): Codes {
  const type: DataType = column.type;
  if (DataType.isUtf8(type)) return codeBytes(column);
  if (DataType.isDictionary(type)) return codeDictionary(column);
  const isPlainNumber = (DataType.isInt(type) && type.bitWidth <= 32) || DataType.isFloat(type);
  return isPlainNumber && column.nullCount === 0 ? codeKeys(readNumbers(column)) : codeKeys(readStrings(column));
}

function codeKeys(keys: ArrayLike<string | number | null>): Codes {
  const known = new Map<string | number, number>();
  const codes = new Int32Array(keys.length);
  for (let row = 0; row < codes.length; row++) {
    const key = keys[row] as string | number | null;
    if (key === null) {
      codes[row] = -1;
      continue;
    }
    let code = known.get(key);
    if (code === undefined) {
      code = known.size;
      known.set(key, code);
    }
    codes[row] = code;
  }
  return { values: Array.from(known.keys(), String), codes };
}

function codeDictionary(column: Vector): Codes {
  const known = new Map<string, number>();
  const codes = new Int32Array(column.length);
  let at = 0;
  for (const data of column.data) {
    const entries = data.dictionary as Vector;
    // Entry of this part's dictionary → code; the entries that no row uses get none.
    const translated = new Int32Array(entries.length).fill(-2);
    const indices = data.values as ArrayLike<number | bigint>;
    for (let i = 0; i < data.length; i++, at++) {
      const entry = Number(indices[i]);
      if (data.nullCount > 0 && !data.getValid(i)) codes[at] = -1;
      else {
        if (translated[entry] === -2)
          translated[entry] = codeOfEntry(known, readStrings(entries.slice(entry, entry + 1)));
        codes[at] = translated[entry] as number;
      }
    }
  }
  return { values: [...known.keys()], codes };
}

function codeOfEntry(known: Map<string, number>, [entry]: readonly (string | null)[]): number {
  if (entry === null || entry === undefined) return -1;
  const code = known.get(entry) ?? known.size;
  known.set(entry, code);
  return code;
}

/** UTF-8 cells are told apart by their bytes: making a string of every cell costs more than all that follows. */
function codeBytes(column: Vector): Codes {
  const codes = new Int32Array(column.length);
  const table = new ByteTable(column.length);
  let at = 0;
  for (const data of column.data) {
    const bytes = data.values as Uint8Array;
    const offsets = data.valueOffsets as Int32Array;
    const hasNulls = data.nullCount > 0;
    for (let i = 0; i < data.length; i++, at++) {
      codes[at] =
        hasNulls && !data.getValid(i) ? -1 : table.codeOf(bytes, offsets[i] as number, offsets[i + 1] as number);
    }
  }
  return { values: table.values, codes };
}

/** Open-addressing hash table from byte strings to codes. */
class ByteTable {
  readonly values: string[] = [];
  readonly #mask: number;
  readonly #slots: Int32Array;
  readonly #hashes: number[] = [];
  readonly #cells: Uint8Array[] = [];

  constructor(mostCells: number) {
    const size = 2 ** Math.ceil(Math.log2(2 * mostCells + 2));
    this.#mask = size - 1;
    this.#slots = new Int32Array(size);
  }

  codeOf(bytes: Uint8Array, from: number, to: number): number {
    // FNV-1a.
    let hash = 0x811c9dc5;
    for (let i = from; i < to; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
    for (let slot = (hash ^ (hash >>> 15)) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const code = (this.#slots[slot] as number) - 1;
      if (code < 0) {
        this.#slots[slot] = this.values.length + 1;
        return this.#add(bytes.subarray(from, to), hash);
      }
      if (this.#hashes[code] === hash && isSame(this.#cells[code] as Uint8Array, bytes, from, to)) return code;
    }
  }

  #add(cell: Uint8Array, hash: number): number {
    this.#hashes.push(hash);
    this.#cells.push(cell);
    return this.values.push(Buffer.from(cell.buffer, cell.byteOffset, cell.byteLength).toString('utf8')) - 1;
  }
}

function isSame(cell: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (cell.length !== to - from) return false;
  for (let i = 0; i < cell.length; i++) if (cell[i] !== bytes[from + i]) return false;
  return true;
}
