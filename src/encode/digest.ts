import type { DataType, Table, Vector } from 'apache-arrow';
import { isNumeric, isString, listSize, readLists, readNumbers, readStrings } from './columns.js';
import { hashText } from './text.js';

/** One number per row, equal for rows whose cells in `names` are equal (two 26-bit hashes; collisions about 1e-8 at 10,000 rows). */
export function rowDigests(table: Table, names: readonly string[]): Float64Array {
  const low = new Uint32Array(table.numRows);
  const high = new Uint32Array(table.numRows);
  for (const name of names) {
    cellHashes(table.getChild(name) as Vector, (row, hash) => {
      low[row] = mix(low[row] as number, hash, 0x9e3779b1);
      high[row] = mix(high[row] as number, hash ^ 0x5bd1e995, 0x85ebca6b);
    });
  }
  return Float64Array.from(low, (value, row) => (value >>> 6) * 2 ** 26 + ((high[row] as number) >>> 6));
}

function cellHashes(column: Vector, visit: (row: number, hash: number) => void): void {
  const type: DataType = column.type;
  const size = listSize(type);
  if (size !== undefined) hashNumbers(readLists(column, size), size, visit);
  else if (isNumeric(type)) hashNumbers(readNumbers(column), 1, visit);
  else if (isString(type))
    readStrings(column).forEach((cell, row) => visit(row, cell === null ? 1 : hashText(cell, 7)));
}

function hashNumbers(
  values: Float32Array | Float64Array,
  size: number,
  visit: (row: number, hash: number) => void,
): void {
  const bits = new Float64Array(1);
  const words = new Uint32Array(bits.buffer);
  for (let row = 0; row * size < values.length; row++) {
    let hash = 0;
    for (let k = 0; k < size; k++) {
      bits[0] = (values[row * size + k] as number) + 0; // −0 equals 0
      hash = mix(mix(hash, words[0] as number, 0x9e3779b1), words[1] as number, 0x85ebca6b);
    }
    visit(row, hash);
  }
}

function mix(state: number, value: number, odd: number): number {
  const mixed = Math.imul(state ^ value, odd);
  return (((mixed << 13) | (mixed >>> 19)) ^ (mixed >>> 15)) >>> 0;
}
