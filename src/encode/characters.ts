import type { Table, Vector } from 'apache-arrow';
import { readStrings } from './columns.js';
import { MAX_CELL_CHARACTERS } from './text.js';

/** Text cells as characters, row by row and in a row column by column: cell i is `units` from starts[i] to starts[i + 1]. */
export interface CharacterRows {
  readonly rows: number;
  readonly columns: number;
  /** rows × columns, and the end. */
  readonly starts: Int32Array;
  /** UTF-16. */
  readonly units: Uint16Array;
}

/** In lower case, every digit a 0, every run of white space one space; two spaces before, one behind. Empty ones have none. */
export function readCharacters(names: readonly string[], table: Table): CharacterRows {
  const columns = names.map((name) => readStrings(table.getChild(name) as Vector));
  const cells: string[] = [];
  const starts = new Int32Array(table.numRows * names.length + 1);
  for (let row = 0; row < table.numRows; row++) {
    for (const column of columns) {
      const cell = plainCell(column[row] ?? '');
      starts[cells.length + 1] = (starts[cells.length] as number) + cell.length;
      cells.push(cell);
    }
  }
  const units = new Uint16Array(starts[cells.length] as number);
  cells.forEach((cell, index) => {
    const from = starts[index] as number;
    for (let at = 0; at < cell.length; at++) units[from + at] = cell.charCodeAt(at);
  });
  return { rows: table.numRows, columns: names.length, starts, units };
}

function plainCell(cell: string): string {
  const plain = cell
    .slice(0, MAX_CELL_CHARACTERS)
    .toLowerCase()
    .replace(/\p{Nd}/gu, '0')
    .replace(/\s+/g, ' ')
    .trim();
  return plain === '' ? '' : `  ${plain} `;
}

/** The cells of the rows at `chosen`. */
export function selectCharacters({ columns, starts, units }: CharacterRows, chosen: Int32Array): CharacterRows {
  const own = new Int32Array(chosen.length * columns + 1);
  chosen.forEach((row, index) => {
    for (let column = 0; column < columns; column++) {
      const cell = row * columns + column;
      const at = index * columns + column;
      own[at + 1] = (own[at] as number) + (starts[cell + 1] as number) - (starts[cell] as number);
    }
  });
  const selected = new Uint16Array(own.at(-1) as number);
  chosen.forEach((row, index) => {
    selected.set(units.subarray(starts[row * columns], starts[(row + 1) * columns]), own[index * columns]);
  });
  return { rows: chosen.length, columns, starts: own, units: selected };
}
